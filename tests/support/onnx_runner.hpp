#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/wire_reader.hpp"

namespace sseg_test {

/// Runs an ONNX model slowly, in double, from the description of the operators that exports use. For tests where there
/// is no ONNX Runtime.
class OnnxRunner {
 public:
  struct Tensor {
    std::vector<std::int64_t> shape{};
    std::vector<double> values{};
    std::int64_t at(std::size_t axis) const { return shape.at(axis); }
  };

  explicit OnnxRunner(const std::string& file) : graph_(WireMessage(file).message(7)) {
    for (const WireField& f : graph_.all(5)) {
      const WireMessage t(f.bytes);
      constants_[t.text(8)] = constant(t);
    }
  }

  /// Every value of the graph by its name.
  std::map<std::string, Tensor> run(const std::string& input, Tensor x) const {
    std::map<std::string, Tensor> values = constants_;
    values[input] = std::move(x);
    for (const WireField& f : graph_.all(1)) {
      const WireMessage node(f.bytes);
      std::vector<Tensor> inputs;
      for (const WireField& name : node.all(1)) inputs.push_back(values.at(name.bytes));
      values[node.text(2)] = result(node.text(4), inputs, Attributes(node));
    }
    return values;
  }

  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const WireField& f : graph_.all(12)) names.push_back(WireMessage(f.bytes).text(1));
    return names;
  }

 private:
  using Inputs = std::vector<Tensor>;

  struct Attributes {
    std::map<std::string, std::vector<std::int64_t>> numbers;
    double epsilon = 0;
    explicit Attributes(const WireMessage& node) {
      for (const WireField& f : node.all(5)) {
        const WireMessage a(f.bytes);
        if (a.at(20).value == 1) epsilon = static_cast<double>(a.at(2).as_float());
        auto& list = numbers[a.text(1)];
        for (const std::uint32_t field : {3u, 8u})
          for (const WireField& n : a.all(field)) list.push_back(static_cast<std::int64_t>(n.value));
      }
    }
    std::int64_t operator()(const char* name, std::size_t i = 0) const { return numbers.at(name).at(i); }
  };

  static std::int64_t count(const std::vector<std::int64_t>& shape) {
    std::int64_t n = 1;
    for (const std::int64_t extent : shape) n *= extent;
    return n;
  }
  static Tensor of_shape(std::vector<std::int64_t> shape) {
    Tensor t{std::move(shape), {}};
    t.values.resize(static_cast<std::size_t>(count(t.shape)));
    return t;
  }
  static Tensor constant(const WireMessage& t) {
    Tensor c = of_shape(packed_numbers(t.text(1)));
    const std::string raw = t.text(9);
    for (std::size_t i = 0; i < c.values.size(); ++i) {
      float f = 0;
      std::int64_t n = 0;
      if (t.at(2).value == 1)
        std::memcpy(&f, raw.data() + 4 * i, 4), c.values[i] = static_cast<double>(f);
      else
        std::memcpy(&n, raw.data() + 8 * i, 8), c.values[i] = static_cast<double>(n);
    }
    return c;
  }
  /// Element of a map (N, C, H, W).
  static double& element(Tensor& t, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return t.values.at(static_cast<std::size_t>(((n * t.at(1) + c) * t.at(2) + h) * t.at(3) + w));
  }
  static double element(const Tensor& t, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return element(const_cast<Tensor&>(t), n, c, h, w);
  }
  /// y[n,c,h,w] = f(n, c, h, w).
  template <class F>
  static Tensor map_of(const std::vector<std::int64_t>& shape, F&& f) {
    Tensor y = of_shape(shape);
    for (std::int64_t n = 0; n < y.at(0); ++n)
      for (std::int64_t c = 0; c < y.at(1); ++c)
        for (std::int64_t h = 0; h < y.at(2); ++h)
          for (std::int64_t w = 0; w < y.at(3); ++w) element(y, n, c, h, w) = f(n, c, h, w);
    return y;
  }

  static Tensor result(const std::string& op, const Inputs& in, const Attributes& a) {
    static const std::map<std::string, Tensor (*)(const Inputs&, const Attributes&)> operators{
        {"Conv", conv},           {"BatchNormalization", norm},
        {"MaxPool", max_pool},    {"GlobalAveragePool", mean_pool},
        {"Transpose", transpose}, {"Flatten", flatten},
        {"Reshape", reshape},     {"ReduceL2", length},
        {"MatMul", matmul},       {"Gemm", gemm},
        {"Identity", identity},   {"Relu", relu}};
    if (op == "Add") return each(in, [](double x, double y) { return x + y; });
    if (op == "Sub") return each(in, [](double x, double y) { return x - y; });
    if (op == "Div") return each(in, [](double x, double y) { return x / y; });
    if (op == "Max") return each(in, [](double x, double y) { return std::max(x, y); });
    return operators.at(op)(in, a);
  }

  static Tensor conv(const Inputs& in, const Attributes& a) {
    const Tensor &x = in[0], &w = in[1];
    const auto size = [&](std::size_t axis) {
      return (x.at(axis) + 2 * a("pads", axis - 2) - w.at(axis)) / a("strides", axis - 2) + 1;
    };
    return map_of({x.at(0), w.at(0), size(2), size(3)},
                  [&](std::int64_t n, std::int64_t o, std::int64_t h, std::int64_t v) {
                    double sum = 0;
                    for (std::int64_t c = 0; c < w.at(1); ++c)
                      for (std::int64_t i = 0; i < w.at(2); ++i)
                        for (std::int64_t j = 0; j < w.at(3); ++j) {
                          const std::int64_t y = h * a("strides", 0) + i - a("pads", 0);
                          const std::int64_t z = v * a("strides", 1) + j - a("pads", 1);
                          if (y >= 0 && y < x.at(2) && z >= 0 && z < x.at(3))
                            sum += element(x, n, c, y, z) * element(w, o, c, i, j);
                        }
                    return sum;
                  });
  }
  static Tensor norm(const Inputs& in, const Attributes& a) {
    return map_of(in[0].shape, [&](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
      const auto k = static_cast<std::size_t>(c);
      return (element(in[0], n, c, h, w) - in[3].values.at(k)) / std::sqrt(in[4].values.at(k) + a.epsilon) *
                 in[1].values.at(k) +
             in[2].values.at(k);
    });
  }
  static Tensor max_pool(const Inputs& in, const Attributes& a) {
    const std::int64_t size = a("kernel_shape");
    return map_of({in[0].at(0), in[0].at(1), in[0].at(2) / size, in[0].at(3) / size},
                  [&](std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
                    double most = -std::numeric_limits<double>::infinity();
                    for (std::int64_t i = 0; i < size; ++i)
                      for (std::int64_t j = 0; j < size; ++j)
                        most = std::max(most, element(in[0], n, c, h * size + i, w * size + j));
                    return most;
                  });
  }
  static Tensor mean_pool(const Inputs& in, const Attributes&) {
    const Tensor& x = in[0];
    return map_of({x.at(0), x.at(1), 1, 1}, [&](std::int64_t n, std::int64_t c, std::int64_t, std::int64_t) {
      double sum = 0;
      for (std::int64_t h = 0; h < x.at(2); ++h)
        for (std::int64_t w = 0; w < x.at(3); ++w) sum += element(x, n, c, h, w);
      return sum / static_cast<double>(x.at(2) * x.at(3));
    });
  }
  static Tensor transpose(const Inputs& in, const Attributes& a) {
    std::vector<std::int64_t> shape;
    for (std::size_t d = 0; d < 4; ++d) shape.push_back(in[0].at(static_cast<std::size_t>(a("perm", d))));
    return map_of(shape, [&](std::int64_t i, std::int64_t j, std::int64_t k, std::int64_t l) {
      const std::int64_t to[4] = {i, j, k, l};
      std::int64_t from[4] = {};
      for (std::size_t d = 0; d < 4; ++d) from[a("perm", d)] = to[d];
      return element(in[0], from[0], from[1], from[2], from[3]);
    });
  }
  static Tensor flatten(const Inputs& in, const Attributes&) {
    return {{in[0].at(0), count(in[0].shape) / in[0].at(0)}, in[0].values};
  }
  static Tensor reshape(const Inputs& in, const Attributes&) {
    Tensor y{{}, in[0].values};
    std::int64_t known = 1;
    for (const double extent : in[1].values)
      if (extent > 0) known *= static_cast<std::int64_t>(extent);
    for (const double extent : in[1].values)
      y.shape.push_back(extent > 0 ? static_cast<std::int64_t>(extent) : count(in[0].shape) / known);
    return y;
  }
  static Tensor length(const Inputs& in, const Attributes&) {
    Tensor y = of_shape({in[0].at(0), 1});
    const std::size_t dim = static_cast<std::size_t>(in[0].at(1));
    for (std::size_t i = 0; i < in[0].values.size(); ++i) y.values[i / dim] += in[0].values[i] * in[0].values[i];
    for (double& v : y.values) v = std::sqrt(v);
    return y;
  }
  /// (…, K) · (K, M).
  static Tensor matmul(const Inputs& in, const Attributes&) {
    Tensor y = in[0];
    const auto inner = static_cast<std::size_t>(in[1].at(0)), columns = static_cast<std::size_t>(in[1].at(1));
    y.shape.back() = in[1].at(1);
    y.values.assign(static_cast<std::size_t>(count(y.shape)), 0);
    for (std::size_t i = 0; i < y.values.size(); ++i)
      for (std::size_t k = 0; k < inner; ++k)
        y.values[i] += in[0].values.at(i / columns * inner + k) * in[1].values.at(k * columns + i % columns);
    return y;
  }
  /// x · wᵀ + b.
  static Tensor gemm(const Inputs& in, const Attributes& a) {
    if (a("transB") != 1) throw std::runtime_error("only transB = 1");
    Tensor w = of_shape({in[1].at(1), in[1].at(0)});
    const auto rows = static_cast<std::size_t>(w.at(0)), columns = static_cast<std::size_t>(w.at(1));
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) w.values[i * columns + j] = in[1].values.at(j * rows + i);
    Tensor y = matmul({in[0], w}, a);
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += in[2].values.at(i % columns);
    return y;
  }
  static Tensor identity(const Inputs& in, const Attributes&) { return in[0]; }
  static Tensor relu(const Inputs& in, const Attributes&) {
    Tensor y = in[0];
    for (double& v : y.values) v = std::max(v, 0.0);
    return y;
  }
  /// The second may be one number, a row for all rows, a column for all columns, or of the same shape.
  template <class F>
  static Tensor each(const Inputs& in, F&& f) {
    Tensor y = in[0];
    const std::size_t n = in[1].values.size(), row = static_cast<std::size_t>(y.shape.back());
    const bool column = in[1].shape.size() == 2 && in[1].shape.back() == 1;
    for (std::size_t i = 0; i < y.values.size(); ++i)
      y.values[i] = f(y.values[i], in[1].values.at(column ? i / row : i % n));
    return y;
  }

  WireMessage graph_;
  std::map<std::string, Tensor> constants_;
};

}  // namespace sseg_test
