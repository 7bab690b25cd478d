#include "tests/golden/data_dir_facts.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>

namespace baton::test {

void write_facts(const GoldenFacts& facts, const std::string& file) {
    std::ofstream out(file);
    out << "made_ms " << facts.made_ms << "\nproducer_created_ms " << facts.producer_created_ms << "\nsession_id "
        << facts.session_id << "\nsession_secret " << facts.session_secret << "\ntoken_epoch " << facts.token_epoch
        << "\ntoken_queue " << facts.token_queue << "\ntoken_batch " << facts.token_batch << '\n';
    REQUIRE(out.flush());
}

GoldenFacts read_facts(const std::string& file) {
    std::ifstream in(file);
    std::map<std::string, std::string> values;
    for (std::string name, value; in >> name >> value;) {
        values[name] = value;
    }
    GoldenFacts facts;
    facts.made_ms = std::stoll(values.at("made_ms"));
    facts.producer_created_ms = std::stoll(values.at("producer_created_ms"));
    facts.session_id = std::stoull(values.at("session_id"));
    facts.session_secret = std::stoull(values.at("session_secret"));
    facts.token_epoch = std::stoull(values.at("token_epoch"));
    facts.token_queue = std::stoull(values.at("token_queue"));
    facts.token_batch = std::stoull(values.at("token_batch"));
    return facts;
}

}  // namespace baton::test
