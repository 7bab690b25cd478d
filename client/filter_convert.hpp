#pragma once
// Filters and bindings between the library's types and the wire.

#include "baton/binding.hpp"
#include "baton/filter.hpp"

namespace baton::v1 {
class Binding;
class Filter;
}  // namespace baton::v1

namespace baton::detail {

void filter_to_proto(const Filter& in, v1::Filter& out);
Filter filter_from_proto(const v1::Filter& in);
void binding_to_proto(const Binding& in, v1::Binding& out);
Binding binding_from_proto(const v1::Binding& in);

}  // namespace baton::detail
