// What jobs say about themselves while they run, and what is told of it.
#include "server/core/limits.hpp"
#include "tests/simulation/finished.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <set>
#include <variant>

namespace baton::simulation {

using namespace core;

void FinishedSimulation::report() {
    if (held_.empty()) {
        return;
    }
    const Held held = held_[prng_.below(held_.size())];
    Said& said = said_[held.offset];
    switch (prng_.weighted({30, 40, 10, 30})) {
        case 0: {
            const std::string value = "progress " + std::to_string(next_request_);
            const ReplyBody body = ask(SetProgress{held.token, held.offset, value});
            if (!std::holds_alternative<Done>(body)) {
                findings_.add("reports", "progress of a held job was answered " + tests::to_text(body));
            }
            said.progress = value;
            return;
        }
        case 1:
            return append_lines(held);
        case 2: {
            const std::uint64_t keep = prng_.below(4);
            const ReplyBody body = ask(ClearLog{held.token, held.offset, keep});
            while (said.lines.size() > keep) {
                said.lines.pop_front();
            }
            const auto* bounds = std::get_if<LogBounds>(&body);
            if (bounds == nullptr || bounds->lines != said.lines.size() || bounds->next_line != said.next_line) {
                findings_.add("reports", "clearing a log was answered " + tests::to_text(body));
            }
            return;
        }
        default:
            return change_data(held);
    }
}

void FinishedSimulation::append_lines(const Held& held) {
    Said& said = said_[held.offset];
    AppendLog append{held.token, held.offset, {}};
    for (std::uint64_t i = prng_.chance(50) ? 700 : 1 + prng_.below(5); i > 0; --i) {
        append.lines.push_back("line " + std::to_string(said.next_line) +
                               std::string(prng_.chance(20) ? 3'000 : 0, 'l'));
        said.lines.push_back(append.lines.back());
        said.next_line += 1;
    }
    std::size_t bytes = 0;
    for (const std::string& line : said.lines) {
        bytes += line.size();
    }
    while (said.lines.size() > limits::log_lines_max || bytes > limits::log_bytes_max) {
        bytes -= said.lines.front().size();
        said.lines.pop_front();
    }
    const ReplyBody body = ask(std::move(append));
    const auto* bounds = std::get_if<LogBounds>(&body);
    if (bounds == nullptr || bounds->lines != said.lines.size() || bounds->next_line != said.next_line) {
        findings_.add("reports", "lines of a held job were answered " + tests::to_text(body));
    }
}

void FinishedSimulation::change_data(const Held& held) {
    const std::string payload =
        std::to_string(held.offset) + " changed " + std::string(prng_.chance(100) ? 5'000 : prng_.below(40), 'd');
    const ReplyBody body =
        ask(SetData{held.token, held.offset, tests::make_entries(std::vector<std::string>{payload})});
    if (!std::holds_alternative<Done>(body)) {
        findings_.add("data", "new data of a held job was answered " + tests::to_text(body));
    }
    payloads_[held.offset] = payload;
}

void FinishedSimulation::check_delivered(Offset offset, std::string_view payload) {
    const auto known = payloads_.find(offset);
    if (known != payloads_.end() && known->second != payload) {
        findings_.add("data", "job " + std::to_string(offset) + " is delivered with data that it no longer has");
    }
}

void FinishedSimulation::check_report(Offset offset) {
    const Said& said = said_[offset];
    const ReplyBody body = ask(ShowJob{queue_name_, offset});
    const auto* list = std::get_if<MessageList>(&body);
    if (list == nullptr || list->messages.size() != 1) {
        findings_.add("reports", "job " + std::to_string(offset) + " is told as " + tests::to_text(body));
        return;
    }
    const StoredMessage& shown = list->messages[0];
    const bool same = said.progress ? shown.progress && shown.progress->value == *said.progress : !shown.progress;
    if (!same || shown.log_lines != said.lines.size()) {
        findings_.add("reports", "job " + std::to_string(offset) + " is told with another progress or log");
    }
    ListLog page{queue_name_, offset, {}, false, 1 + prng_.below32(400)};
    std::deque<std::string> lines;
    for (bool more = true; more;) {
        const ReplyBody answer = ask(page);
        const auto* log = std::get_if<LogPage>(&answer);
        if (log == nullptr) {
            break;
        }
        for (const LogPage::Line& line : log->lines) {
            lines.push_back(line.text);
        }
        more = log->next != 0;
        page.from_line = log->next;
    }
    if (lines != said.lines) {
        findings_.add("reports", "the log of job " + std::to_string(offset) + " is not what it said");
    }
}

void FinishedSimulation::check_reports() {
    std::set<Offset> there;
    for (const Held& held : held_) {
        there.insert(held.offset);
    }
    for (const auto* set : {&completed_, &failed_}) {
        for (const Ended& one : *set) {
            there.insert(one.offset);
        }
    }
    for (const Offset offset : there) {
        if (findings_.none()) {
            check_report(offset);
        }
    }
    std::vector<Offset> reported;
    for (const auto& [key, report] : driver_.store().tables().reports) {
        reported.push_back(key.second);
    }
    for (const Offset offset : reported) {
        if (!there.contains(offset) && std::holds_alternative<Refusal>(ask(ShowJob{queue_name_, offset}))) {
            findings_.add("reports", "what job " + std::to_string(offset) + " said is kept, and the job is gone");
            return;
        }
    }
}

}  // namespace baton::simulation
