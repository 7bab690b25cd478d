#pragma once
// The whole client library.

#include "baton/admin.hpp"
#include "baton/connection.hpp"
#include "baton/consumer.hpp"
#include "baton/error.hpp"
#include "baton/events.hpp"
#include "baton/flows.hpp"
#include "baton/groups.hpp"
#include "baton/listener.hpp"
#include "baton/message.hpp"
#include "baton/producer.hpp"
#include "baton/request_reply.hpp"
#include "baton/schedules.hpp"
#include "baton/tasks.hpp"
#include "baton/topics.hpp"
#include "baton/transaction.hpp"
#include "baton/worker.hpp"
