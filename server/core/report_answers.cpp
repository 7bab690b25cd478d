// Jobs shown with what they said, and pages of their logs.
#include "server/core/limits.hpp"
#include "server/core/reports.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

void answer_shown(State& state, const Queue& queue, const Request& origin, StoredMessage&& message, Round& round) {
    MessageList out;
    out.queue = queue.id;
    out.messages.push_back(std::move(message));
    name_topics(state, out);
    reply(origin, std::move(out), round);
}

/// Lines of the log that are kept, ascending.
std::vector<LogPage::Line> kept_lines(ReportRead&& found) {
    std::vector<LogPage::Line> lines;
    for (LogPart& part : found.parts) {
        for (std::size_t i = 0; i < part.lines.size(); ++i) {
            if (part.first_line + i >= found.first_line) {
                lines.push_back({part.first_line + i, part.at, std::move(part.lines[i])});
            }
        }
    }
    return lines;
}

LogPage page_of(const ListLog& list, std::vector<LogPage::Line>&& lines) {
    LogPage page;
    page.total = lines.size();
    if (list.newest_first) {
        std::reverse(lines.begin(), lines.end());
    }
    for (LogPage::Line& line : lines) {
        const bool before =
            list.from_line && (list.newest_first ? line.number > *list.from_line : line.number < *list.from_line);
        if (before) {
            continue;
        }
        if (page.lines.size() == list.limit) {
            page.next = line.number;
            break;
        }
        page.lines.push_back(std::move(line));
    }
    return page;
}

}  // namespace

std::optional<Refusal> check_list(const ListLog& list, const Queue& queue) {
    if (queue.profile != Profile::job) {
        return Refusal{RefusalCode::wrong_profile, "only a queue of profile job keeps what its jobs say",
                       "list_log.queue"};
    }
    if (list.limit == 0 || list.limit > limits::log_lines_max) {
        return invalid("list_log.limit", "limit is from 1 to 1000", limits::log_lines_max);
    }
    return std::nullopt;
}

void show_report(State& state, Queue& queue, Request&& request, StoredMessage&& shown, Round& round) {
    if (!queue.reports.any) {
        if (std::holds_alternative<ListLog>(request.body)) {
            reply(request, LogPage{}, round);
        } else {
            answer_shown(state, queue, request, std::move(shown), round);
        }
        return;
    }
    const Offset offset = shown.offset;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, AnswerReport{std::move(request), std::move(shown)}});
    round.reads.push_back({ticket, ReadReport{queue.ns, queue.id, offset}});
}

void report_arrived(State& state, const Queue& queue, AnswerReport&& answer, ReportRead&& found, Round& round) {
    if (const auto* list = std::get_if<ListLog>(&answer.origin.body)) {
        reply(answer.origin, page_of(*list, kept_lines(std::move(found))), round);
        return;
    }
    answer.shown.progress = found.progress;
    answer.shown.log_lines = JobLog(found).lines();
    answer_shown(state, queue, answer.origin, std::move(answer.shown), round);
}

}  // namespace baton::core
