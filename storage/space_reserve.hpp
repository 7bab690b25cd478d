#pragma once
// Room for the broker to go on breathing on a full disk (rule R8): a ballast file that is given up when space is
// critical, so that acks, purges and moves still find bytes, and the two watermarks that refuse produces before RocksDB
// meets a full disk.

#include "storage/store.hpp"

#include <cstdint>
#include <string>

namespace baton::storage {

class SpaceReserve {
public:
    /// Allocates the ballast at `path` when there is room; `bytes` 0 = 64 MiB, or less on a small disk.
    SpaceReserve(std::string path, std::uint64_t bytes);

    /// Looks at the disk: gives the ballast up when critical, takes it back when ample.
    SpaceState look();

private:
    void allocate();

    std::string path_;
    std::uint64_t bytes_;
    std::uint64_t low_ = 0;
    std::uint64_t critical_ = 0;
    bool held_ = false;
};

}  // namespace baton::storage
