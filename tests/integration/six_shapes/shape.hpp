// The story as rows of one ERP's tables, in a real server of that ERP's kind, each in a database of its own.
#pragma once

#include <memory>
#include <string>

#include "adapters/erp/source.hpp"

namespace stemma::six_shapes {

class Shape {
public:
    Shape() = default;
    Shape(const Shape&) = delete;
    Shape& operator=(const Shape&) = delete;
    virtual ~Shape() = default;

    [[nodiscard]] virtual std::string missing() const = 0;  ///< what is not there; nothing else may be called then
    /// By the mapping that is shipped, read by a login that may SELECT its tables alone.
    [[nodiscard]] virtual std::unique_ptr<ErpSource> source() const = 0;
    [[nodiscard]] virtual std::string content() const = 0;  ///< the same for the same rows
    /// The lot kRenamed gets another number, as this ERP does it.
    virtual void rename() = 0;
};

[[nodiscard]] std::unique_ptr<Shape> odoo(int version);
[[nodiscard]] std::unique_ptr<Shape> erpnext(int version);
[[nodiscard]] std::unique_ptr<Shape> dolibarr();
enum class TrytonOn : unsigned char { sqlite, postgres };
[[nodiscard]] std::unique_ptr<Shape> tryton(TrytonOn on, const char* version = "6.0");

}  // namespace stemma::six_shapes
