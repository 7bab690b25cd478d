#include "baton/topics.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/filter_convert.hpp"
#include "client/kept_convert.hpp"
#include "client/parsed.hpp"
#include "client/proto_convert.hpp"

namespace baton {

using detail::parsed;

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t show_queue_request = 23, delete_queue_request = 25, create_topic_request = 160,
                        update_topic_request = 161, delete_topic_request = 162, trim_topic_request = 163,
                        list_topics_request = 164, create_subscription_request = 165, list_subscriptions_request = 166,
                        seek_subscription_request = 167, create_binding_request = 168, delete_binding_request = 169,
                        list_bindings_request = 170;
constexpr std::uint32_t topic_done_reply = 9, topic_info_reply = 20, topic_list_reply = 21, topic_counted_reply = 23,
                        binding_list_reply = 170;
constexpr std::uint32_t page_size = 1'000;

void start_to_proto(const Start& start, v1::Start& to) {
    switch (start.kind()) {
        case Start::Kind::now:
            to.set_now(true);
            break;
        case Start::Kind::beginning:
            to.set_beginning(true);
            break;
        case Start::Kind::offset:
            to.set_offset(static_cast<std::uint64_t>(start.value()));
            break;
        case Start::Kind::last:
            to.set_last(true);
            break;
        case Start::Kind::last_per_key:
            to.set_last_per_key(true);
            break;
        case Start::Kind::time:
            to.set_time_ms(start.value());
            break;
    }
}

QueueInfo ask_info(detail::ClientCore& client, std::uint32_t field, const google::protobuf::MessageLite& request) {
    return detail::from_proto(parsed<v1::QueueInfo>(client.call(field, request, topic_info_reply)));
}

/// Page after page; `next_of` is what the next one comes after.
template <typename Request>
std::vector<QueueInfo> ask_pages(detail::ClientCore& client, std::uint32_t field, Request request) {
    std::vector<QueueInfo> all;
    request.set_limit(page_size);
    do {
        const auto list = parsed<v1::QueueList>(client.call(field, request, topic_list_reply));
        for (const v1::QueueInfo& info : list.queues()) {
            all.push_back(detail::from_proto(info));
        }
        request.set_after(list.next());
    } while (!request.after().empty());
    return all;
}

}  // namespace

Topics::Topics(const Client& client) : core_(client.core()) {}

QueueInfo Topics::create(const std::string& name, const TopicOptions& options) {
    v1::CreateTopic request;
    request.set_name(name);
    detail::topic_to_proto(options.topic, *request.mutable_topic_settings());
    detail::to_proto(options.settings, *request.mutable_settings());
    request.set_update(options.update);
    return ask_info(*core_, create_topic_request, request);
}

QueueInfo Topics::update(const std::string& name, const TopicSettings& topic, const QueueSettings& settings) {
    v1::UpdateTopic request;
    request.set_name(name);
    detail::topic_to_proto(topic, *request.mutable_topic_settings());
    detail::to_proto(settings, *request.mutable_settings());
    return ask_info(*core_, update_topic_request, request);
}

QueueInfo Topics::show(const std::string& name) {
    v1::ShowQueue request;
    request.set_name(name);
    return ask_info(*core_, show_queue_request, request);
}

std::vector<QueueInfo> Topics::list(const std::string& prefix) {
    v1::ListTopics request;
    request.set_prefix(prefix);
    return ask_pages(*core_, list_topics_request, std::move(request));
}

void Topics::remove(const std::string& name) {
    v1::DeleteTopic request;
    request.set_name(name);
    core_->call(delete_topic_request, request, topic_done_reply);
}

Counted Topics::trim(const std::string& name, std::uint64_t below_offset) {
    v1::TrimTopic request;
    request.set_name(name);
    request.set_below_offset(below_offset);
    return detail::from_proto(parsed<v1::Counted>(core_->call(trim_topic_request, request, topic_counted_reply)));
}

Counted Topics::trim_before(const std::string& name, std::int64_t ms) {
    v1::TrimTopic request;
    request.set_name(name);
    request.set_before_ms(ms);
    return detail::from_proto(parsed<v1::Counted>(core_->call(trim_topic_request, request, topic_counted_reply)));
}

QueueInfo Topics::subscribe(const std::string& topic, const std::string& name, const SubscriptionOptions& options) {
    v1::CreateSubscription request;
    request.set_topic(topic);
    request.set_name(name);
    start_to_proto(options.start, *request.mutable_start());
    detail::to_proto(options.settings, *request.mutable_settings());
    if (options.hold) {
        request.set_hold_unacked(*options.hold);
    }
    request.set_update(options.update);
    if (options.filter) {
        detail::filter_to_proto(*options.filter, *request.mutable_filter());
    }
    return ask_info(*core_, create_subscription_request, request);
}

std::vector<QueueInfo> Topics::subscriptions(const std::string& topic) {
    v1::ListSubscriptions request;
    request.set_topic(topic);
    return ask_pages(*core_, list_subscriptions_request, std::move(request));
}

void Topics::unsubscribe(const std::string& topic, const std::string& name) {
    v1::DeleteQueue request;
    request.set_name(topic + "/" + name);
    core_->call(delete_queue_request, request, topic_done_reply);
}

Counted Topics::seek(const std::string& topic, const std::string& name, const Start& start,
                     const SeekOptions& options) {
    v1::SeekSubscription request;
    request.set_topic(topic);
    request.set_name(name);
    start_to_proto(start, *request.mutable_start());
    request.set_dry_run(options.dry_run);
    request.set_drop_failed(options.drop_failed);
    return detail::from_proto(
        parsed<v1::Counted>(core_->call(seek_subscription_request, request, topic_counted_reply)));
}

void Topics::bind(const Binding& binding, bool update) {
    v1::CreateBinding request;
    detail::binding_to_proto(binding, *request.mutable_binding());
    request.set_update(update);
    core_->call(create_binding_request, request, topic_done_reply);
}

void Topics::unbind(const std::string& name) {
    v1::DeleteBinding request;
    request.set_name(name);
    core_->call(delete_binding_request, request, topic_done_reply);
}

std::vector<Binding> Topics::bindings(const std::string& prefix) {
    std::vector<Binding> all;
    v1::ListBindings request;
    request.set_prefix(prefix);
    request.set_limit(page_size);
    do {
        const auto list = parsed<v1::BindingList>(core_->call(list_bindings_request, request, binding_list_reply));
        for (const v1::Binding& binding : list.bindings()) {
            all.push_back(detail::binding_from_proto(binding));
        }
        request.set_after(list.next());
    } while (!request.after().empty());
    return all;
}

}  // namespace baton
