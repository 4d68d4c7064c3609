// Times oneDNN's recurrent primitives: onednn_recurrent SHAPES.txt THREADS SECONDS OUT.json   (oneDNN 2; g++ -O2 -ldnnl)
//
// SHAPES.txt has a line a shape: name cell batch steps inputs units layers directions. A primitive takes layers of one input
// width and sequences of one length; bench/run leaves the other shapes out. Forward is forward inference. Train is forward
// training, then backward to all weights, biases and the input. The primitives choose the layouts of the weights, and the
// reorders into them are outside the timed region, as is everything that a framework does around a primitive.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include <dnnl.hpp>

using namespace dnnl;
using tag = memory::format_tag;
using arguments = std::unordered_map<int, memory>;

struct shape {
    std::string name, cell;
    memory::dim batch, steps, inputs, units, layers, directions;

    memory::dim gates() const { return cell == "rnn" ? 1 : cell == "gru" ? 3 : 4; }
    rnn_direction direction() const {
        return directions == 2 ? rnn_direction::bidirectional_concat : rnn_direction::unidirectional_left2right;
    }
};

// The descriptors that every cell has; weights in a given layout or, with tag::any, in the primitive's.
struct tensors {
    memory::desc source, kernel, recurrent, bias, output, none;

    tensors(const shape& s, tag weights)
        : source({s.steps, s.batch, s.inputs}, memory::data_type::f32, tag::tnc),
          kernel({s.layers, s.directions, s.inputs, s.gates(), s.units}, memory::data_type::f32, weights),
          recurrent({s.layers, s.directions, s.units, s.gates(), s.units}, memory::data_type::f32, weights),
          bias({s.layers, s.directions, s.gates() + (s.cell == "gru"), s.units}, memory::data_type::f32, tag::ldgo),
          output({s.steps, s.batch, s.directions * s.units}, memory::data_type::f32, tag::tnc) {}
};

struct lstm {
    using forward = lstm_forward;
    using backward = lstm_backward;
    static forward::desc describe(prop_kind kind, const shape& s, const tensors& t) {
        return {kind, s.direction(), t.source, t.none, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none, t.none};
    }
    static backward::desc describe_backward(const shape& s, const tensors& t) {
        return {prop_kind::backward, s.direction(), t.source, t.none, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none, t.none,
                t.source, t.none, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none, t.none};
    }
};

struct gru {
    using forward = lbr_gru_forward;  // "linear before reset": the reset gate works after the product
    using backward = lbr_gru_backward;
    static forward::desc describe(prop_kind kind, const shape& s, const tensors& t) {
        return {kind, s.direction(), t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none};
    }
    static backward::desc describe_backward(const shape& s, const tensors& t) {
        return {prop_kind::backward, s.direction(), t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none,
                t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none};
    }
};

struct rnn {
    using forward = vanilla_rnn_forward;
    using backward = vanilla_rnn_backward;
    static constexpr algorithm activation = algorithm::eltwise_tanh;
    static forward::desc describe(prop_kind kind, const shape& s, const tensors& t) {
        return {kind, activation, s.direction(), t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none};
    }
    static backward::desc describe_backward(const shape& s, const tensors& t) {
        return {prop_kind::backward, activation, s.direction(), t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none,
                t.source, t.none, t.kernel, t.recurrent, t.bias, t.output, t.none};
    }
};

class bench {
public:
    explicit bench(double seconds) : processor(engine::kind::cpu, 0), queue(processor), seconds(seconds) {}

    template <class Cell>
    std::pair<double, double> measure(const shape& s) {
        const tensors plain(s, tag::ldigo), chosen(s, tag::any);
        memory source = filled(plain.source), kernel = filled(plain.kernel), recurrent = filled(plain.recurrent), bias = filled(plain.bias);

        typename Cell::forward::primitive_desc inference(Cell::describe(prop_kind::forward_inference, s, chosen), processor);
        arguments inferred = inputs(inference, source, kernel, recurrent, bias);
        inferred.insert({DNNL_ARG_DST_LAYER, memory(inference.dst_layer_desc(), processor)});
        typename Cell::forward infer(inference);
        double forward_ms = median_ms([&] { infer.execute(queue, inferred); });
        if (s.steps == 1) return {forward_ms, -1};

        typename Cell::forward::primitive_desc training(Cell::describe(prop_kind::forward_training, s, chosen), processor);
        typename Cell::backward::primitive_desc back(Cell::describe_backward(s, chosen), processor, training);
        memory output(training.dst_layer_desc(), processor), workspace(training.workspace_desc(), processor);
        arguments there = inputs(training, source, kernel, recurrent, bias);
        there.insert({{DNNL_ARG_DST_LAYER, output}, {DNNL_ARG_WORKSPACE, workspace}});
        arguments again = inputs(back, source, kernel, recurrent, bias);
        again.insert({{DNNL_ARG_DST_LAYER, output}, {DNNL_ARG_WORKSPACE, workspace},
                      {DNNL_ARG_DIFF_DST_LAYER, filled(back.diff_dst_layer_desc())},
                      {DNNL_ARG_DIFF_SRC_LAYER, zeros(back.diff_src_layer_desc())},
                      {DNNL_ARG_DIFF_WEIGHTS_LAYER, zeros(back.diff_weights_layer_desc())},
                      {DNNL_ARG_DIFF_WEIGHTS_ITER, zeros(back.diff_weights_iter_desc())},
                      {DNNL_ARG_DIFF_BIAS, zeros(back.diff_bias_desc())}});
        typename Cell::forward forward(training);
        typename Cell::backward backward(back);
        double train_ms = median_ms([&] {
            forward.execute(queue, there);
            backward.execute(queue, again);
        });
        return {forward_ms, train_ms};
    }

private:
    engine processor;
    stream queue;
    double seconds;
    std::mt19937 draws{1};

    template <class Descriptor>
    arguments inputs(const Descriptor& primitive, memory source, memory kernel, memory recurrent, memory bias) {
        return {{DNNL_ARG_SRC_LAYER, source}, {DNNL_ARG_BIAS, bias},
                {DNNL_ARG_WEIGHTS_LAYER, reordered(kernel, primitive.weights_layer_desc())},
                {DNNL_ARG_WEIGHTS_ITER, reordered(recurrent, primitive.weights_iter_desc())}};
    }

    memory filled(const memory::desc& description) {
        memory numbers(description, processor);
        auto* values = static_cast<float*>(numbers.get_data_handle());
        std::uniform_real_distribution<float> uniform(-0.1f, 0.1f);
        for (size_t i = 0; i < description.get_size() / sizeof(float); i++) values[i] = uniform(draws);
        return numbers;
    }

    memory zeros(const memory::desc& description) {
        memory numbers(description, processor);
        std::fill_n(static_cast<char*>(numbers.get_data_handle()), description.get_size(), 0);
        return numbers;
    }

    memory reordered(memory from, const memory::desc& description) {
        memory to(description, processor);
        reorder(from, to).execute(queue, from, to);
        queue.wait();
        return to;
    }

    template <class Call>
    double median_ms(Call call) {
        using clock = std::chrono::steady_clock;
        auto once = [&] {
            auto start = clock::now();
            call();
            queue.wait();
            return std::chrono::duration<double, std::milli>(clock::now() - start).count();
        };
        for (int i = 0; i < 3; i++) once();
        std::vector<double> samples;
        auto end = clock::now() + std::chrono::duration<double>(seconds);
        while (samples.size() < 5 || clock::now() < end) samples.push_back(once());
        std::nth_element(samples.begin(), samples.begin() + samples.size() / 2, samples.end());
        return samples[samples.size() / 2];
    }
};

int main(int count, char** values) {
    if (count != 5) {
        std::cerr << "usage: onednn_recurrent SHAPES.txt THREADS SECONDS OUT.json\n";
        return 2;
    }
    std::ifstream list(values[1]);
    std::ofstream out(values[4]);
    const version_t* version = dnnl::version();
    out << "{\"version\": \"" << version->major << '.' << version->minor << '.' << version->patch << "\", \"threads\": " << values[2] << ", \"results\": [";
    bench timer(std::atof(values[3]));
    shape s;
    for (bool first = true; list >> s.name >> s.cell >> s.batch >> s.steps >> s.inputs >> s.units >> s.layers >> s.directions; first = false) {
        auto [forward, train] = s.cell == "lstm" ? timer.measure<lstm>(s) : s.cell == "gru" ? timer.measure<gru>(s) : timer.measure<rnn>(s);
        out << (first ? "\n" : ",\n") << " {\"name\": \"" << s.name << "\", \"forward_ms\": " << forward << ", \"train_ms\": ";
        if (train < 0) out << "null}";
        else out << train << '}';
    }
    out << "\n]}\n";
    return out.flush() ? 0 : 1;
}
