// What a client needs to be able to do, so that it can use every operation.
#include "support/paths.hpp"

#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.pb.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pb = google::protobuf;

namespace {

// What a stream of the client's does, and the single call that does the same: a client library
// without client streams (.NET Framework's) is to lack nothing but speed.
const std::map<std::string, std::string> instead_of_streams = {
    {"cairn.v1.Exchange.Publish", "cairn.v1.Exchange.Submit"},
};

std::vector<const pb::MethodDescriptor*> methods() {
    std::vector<const pb::MethodDescriptor*> out;
    for (const auto& e : std::filesystem::directory_iterator{CAIRN_SOURCE_DIR "/proto/cairn/v1"}) {
        if (e.path().extension() != ".proto") continue;
        const std::string name = "cairn/v1/" + e.path().filename().string();
        const auto* file = pb::DescriptorPool::generated_pool()->FindFileByName(name);
        INFO(name);
        // The test of the golden set names a type of each file, so that the linker keeps it.
        REQUIRE(file != nullptr);
        for (int i = 0; i < file->service_count(); ++i) {
            const auto* service = file->service(i);
            for (int k = 0; k < service->method_count(); ++k) out.push_back(service->method(k));
        }
    }
    return out;
}

bool carries(const pb::Descriptor& whole, const pb::Descriptor& part) {
    for (int i = 0; i < whole.field_count(); ++i) {
        if (whole.field(i)->message_type() == &part) return true;
    }
    return false;
}

} // namespace

TEST_CASE("no operation exists as a client's stream alone") {
    std::size_t streams = 0;
    for (const pb::MethodDescriptor* m : methods()) {
        INFO(m->full_name());
        if (!m->client_streaming()) continue;
        ++streams;
        const auto found = instead_of_streams.find(m->full_name());
        INFO("an operation that a client streams to needs a unary one that does the same");
        REQUIRE(found != instead_of_streams.end());
        const auto* single = pb::DescriptorPool::generated_pool()->FindMethodByName(found->second);
        INFO(found->second);
        REQUIRE(single != nullptr);
        CHECK_FALSE(single->client_streaming());
        CHECK_FALSE(single->server_streaming());
        // The same goes in, and what comes out stands whole in the stream's answer.
        CHECK(single->input_type() == m->input_type());
        CHECK(carries(*m->output_type(), *single->output_type()));
    }
    CHECK(streams == instead_of_streams.size());
}
