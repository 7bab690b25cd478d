#pragma once
// Stored bytes that are not what was written. Thrown by the codecs, caught by the store, which turns it into OpenError
// or StorageFailure; the text names the record.

#include <stdexcept>

namespace baton::storage {

class Damage : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace baton::storage
