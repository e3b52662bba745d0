// schemas/http/openapi.yaml as the tests see it: operations, and a check of answers and examples against their schemas.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/http.hpp"

namespace stemma::http::test {

/// One method of one path.
struct Operation {
    std::string method;  ///< "GET"
    std::string path;    ///< "/api/v1/items/{id}"
    boost::json::object node;
    std::vector<boost::json::object> parameters;  ///< references followed

    [[nodiscard]] std::string name() const { return method + " " + path; }
    /// Names of the parameters that stand in "query", "path" or "header".
    [[nodiscard]] std::set<std::string> names_in(std::string_view place) const;
};

class OpenApi {
public:
    /// The document of the project; failures of the test when it cannot be read.
    [[nodiscard]] static const OpenApi& document();

    [[nodiscard]] const std::vector<Operation>& operations() const noexcept { return operations_; }
    [[nodiscard]] const boost::json::object& root() const noexcept { return root_; }
    /// The operation that answers a request, or null.
    [[nodiscard]] const Operation* find(std::string_view method, std::string_view path) const;

    /// Follows "$ref" until there is none.
    [[nodiscard]] const boost::json::object& resolve(const boost::json::object& node) const;
    /// What is wrong with `json` under a schema of the document, one sentence each; empty when it fits.
    [[nodiscard]] std::vector<std::string> mistakes(const boost::json::value& schema, std::string_view json) const;
    /// What is wrong with an answer: its status, content type or body is not documented.
    [[nodiscard]] std::vector<std::string> mistakes(const Operation& operation, const Response& response) const;

private:
    boost::json::object root_;
    std::vector<Operation> operations_;
};

}  // namespace stemma::http::test
