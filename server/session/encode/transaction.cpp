#include "server/core/transaction.hpp"

#include "server/session/encode/encode.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_transaction_done(core::RequestId request, const core::TransactionDone& done, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::TransactionDone& to = *frame.mutable_transaction_done();
    to.set_repeated(done.repeated);
    for (const core::Produced& produced : done.produced) {
        fill(core::Produced(produced), *to.add_produced());
    }
    if (done.schedule) {
        fill(*done.schedule, *to.mutable_schedule());
    }
    append_frame(frame, out);
}

}  // namespace baton::session
