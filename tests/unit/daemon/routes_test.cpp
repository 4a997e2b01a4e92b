// The schema's services and what the broker serves are the same, operation by operation.
#include "world.hpp"

#include "daemon/services.hpp"
#include "daemon/start.hpp"

#include "cairn/v1/admin.pb.h"
#include "cairn/v1/audit.pb.h"
#include "cairn/v1/enrolment.pb.h"
#include "cairn/v1/exchange.pb.h"

#include <catch2/catch.hpp>

namespace cairn::daemon {
namespace {

namespace pb = google::protobuf;

session::method_kind kind_of(const pb::MethodDescriptor& m) {
    if (m.client_streaming()) return session::method_kind::bidi;
    return m.server_streaming() ? session::method_kind::server_stream : session::method_kind::unary;
}

} // namespace

// The witnesses' service is not built (docs/STATUS.md).
TEST_CASE("every operation of the schema is served, in the manner it is written there") {
    testing::fake_runtime rt;
    services s{rt};
    session::router routes;
    add_all(routes, s);
    for (const pb::FileDescriptor* file :
         {v1::SubmitRequest::descriptor()->file(),
          v1::ApplyRequest::descriptor()->file(),
          v1::EnrolRequest::descriptor()->file(),
          v1::SearchRequest::descriptor()->file()}) {
        REQUIRE(file->service_count() == 1);
        const pb::ServiceDescriptor& service = *file->service(0);
        for (int i = 0; i < service.method_count(); ++i) {
            const pb::MethodDescriptor& m = *service.method(i);
            const std::string path = "/" + service.full_name() + "/" + m.name();
            INFO(path);
            const session::method* served = routes.find(path);
            REQUIRE(served != nullptr);
            CHECK(served->kind == kind_of(m));
            CHECK(served->input == m.input_type());
            CHECK(served->output == m.output_type());
        }
    }
}

} // namespace cairn::daemon
