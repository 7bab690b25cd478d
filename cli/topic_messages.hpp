#pragma once
// `baton topic publish`, `baton topic tail` and `baton topic trace`.

#include "cli/command.hpp"

namespace baton::cli {

void add_topic_publish(CLI::App& topic, Context& context);
void add_topic_tail(CLI::App& topic, Context& context);
void add_topic_trace(CLI::App& topic, Context& context);

}  // namespace baton::cli
