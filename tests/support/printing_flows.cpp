#include "tests/support/text.hpp"

namespace baton::tests {

using namespace core;

Text& operator<<(Text& out, const FlowId& id) { return out << id.queue << '-' << id.parent; }
Text& operator<<(Text& out, const FlowLink& link) { return out << link.flow << '/' << link.index; }
Text& operator<<(Text& out, const FlowChild& child) {
    out << " {" << child.queue << '-' << child.offset << " policy " << child.policy << " state " << child.state
        << (child.is_parent ? " parent" : "") << (child.spilled ? " spilled" : "");
    if (!child.error.empty()) out << ' ' << child.error;
    if (child.result) out << " result " << child.result->value;
    return out << '}';
}
Text& operator<<(Text& out, const FlowHead& head) {
    return out << "state " << head.state << " created " << head.created_at << " delay " << head.delay_ms << " due "
               << head.due_at << " ttl " << head.ttl_ms << " children " << head.children;
}

}  // namespace baton::tests
