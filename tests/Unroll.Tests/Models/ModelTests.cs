using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Models;

/// <summary>What functional models compute.</summary>
public sealed class ModelTests
{
    private static Pass Inference => new(new Tape(recording: false));

    [Fact]
    public void Layers_in_a_row_have_the_bits_of_a_sequential()
    {
        var row = new Sequential(new Shape(-1, -1, 3), seed: 7) { new Gru(5, returnSequences: true), new Lstm(4), new Dense(2, "softmax") };
        LayerOutput x = Input.Of(new Shape(-1, -1, 3));
        var model = new Model(x, new Dense(2, "softmax").Of(new Lstm(4).Of(new Gru(5, returnSequences: true).Of(x))), seed: 7);
        Assert.Equal(row.Parameters.Select(p => p.Name), model.Parameters.Select(p => p.Name));
        Tensor data = Ragged(3);
        Assert.Equal(row.Predict(data).ToArray(), model.Predict(data).ToArray());
        Assert.Equal(row.ForwardBeforeActivation(data, Inference).ToArray(), model.ForwardBeforeActivation(data, Inference).ToArray());
        Assert.Same(Activation.Softmax, model.FinalActivationOf(0));
    }

    [Fact]
    public void A_shared_layer_collects_the_gradients_of_all_its_uses()
    {
        LayerOutput a = Input.Of(new Shape(-1, 2), "a"), b = Input.Of(new Shape(-1, 2), "b");
        var shared = new Dense(1, useBias: false);
        var model = new Model([a, b], [new Add().Of(shared.Of(a), shared.Of(b))]);
        Assert.Equal(["dense", "add"], model.Layers.Select(layer => layer.Name));
        Assert.Single(model.Parameters);
        model.Parameters[0].Set([3f, -2f]);
        var tape = new Tape();
        Tensor[] y = model.Forward([Tensor.FromArray([1f, 2f, 5f, 7f], 2, 2), Tensor.FromArray([10f, 20f, -1f, 0.5f], 2, 2)], new Pass(tape, Training: true));
        Assert.Equal([3 - 4 + 30 - 40, 15 - 14 - 3 - 1], y[0].ToArray());
        tape.Backward(y[0], [2f, -1f]);
        Assert.Equal([2 * (1 + 10) - (5 - 1), 2 * (2 + 20) - (7 + 0.5f)], model.Parameters[0].GradientToArray());
    }

    [Fact]
    public void Merging_layers_compute_by_element_and_side_by_side()
    {
        LayerOutput a = Input.Of(new Shape(-1, 2)), b = Input.Of(new Shape(-1, 2)), c = Input.Of(new Shape(-1, 2));
        var model = new Model([a, b, c], [new Add().Of(a, b, c), new Multiply().Of(a, b, c), new Average().Of(a, b, c), new Concatenate().Of(a, b, c)]);
        Tensor[] y = model.Predict([Tensor.FromArray([1f, 2f], 1, 2), Tensor.FromArray([3f, 5f], 1, 2), Tensor.FromArray([-7f, 4f], 1, 2)]);
        Assert.Equal([[-3f, 11f], [-21f, 40f], [-1f, 11f / 3]], y[..3].Select(tensor => tensor.ToArray()));
        Assert.Equal([1f, 2f, 3f, 5f, -7f, 4f], y[3].ToArray());
        Assert.Equal(["input", "input_1", "input_2"], model.InputNames);
        Assert.Equal(["add", "multiply", "average", "concatenate"], model.OutputNames);
    }

    [Fact]
    public void Ragged_sequences_meet_their_lengths_at_a_merge()
    {
        LayerOutput x = Input.Of(new Shape(-1, -1, 3)), y = Input.Of(new Shape(-1, -1, 2));
        var model = new Model([x, y], [new Concatenate().Of(new Gru(2, returnSequences: true).Of(x), y)]);
        float[] dense = RecurrentData.Numbers(3 * 4 * 2, 5, 1);
        Tensor[] found = model.Forward([Ragged(3), Tensor.FromArray(dense, 3, 4, 2)], Inference);
        Assert.Equal([4, 0, 2], found[0].Lengths.ToArray());
        float[] left = model.Layers[0].Forward(Ragged(3), Inference).ToArray(), all = found[0].ToArray();
        for (int row = 0; row < 12; row++)
        {
            bool real = row % 4 < new[] { 4, 0, 2 }[row / 4];
            Assert.Equal(real ? [.. left[(2 * row)..(2 * row + 2)], .. dense[(2 * row)..(2 * row + 2)]] : new float[4], all[(4 * row)..(4 * row + 4)]);
        }
    }

    [Fact]
    public void A_model_in_a_model_is_shared_and_saved_under_its_own_names()
    {
        var encoder = new Sequential(new Shape(-1, -1, 3), seed: 2, name: "encoder") { new Lstm(4), new Dense(3) };
        LayerOutput a = Input.Of(new Shape(-1, -1, 3)), b = Input.Of(new Shape(-1, -1, 3));
        var model = new Model([a, b], [new Dense(1).Of(new Multiply().Of(encoder.Of(a), encoder.Of(b)))]);
        Assert.Equal(["encoder/lstm/kernel", "encoder/lstm/recurrent_kernel", "encoder/lstm/bias", "encoder/dense/kernel", "encoder/dense/bias", "dense/kernel", "dense/bias"], model.Parameters.Select(p => p.Name));
        Tensor x = Ragged(3), y = Tensor.FromArray(RecurrentData.Numbers(27, 9, 1), 3, 3, 3);
        float[] product = [.. encoder.Predict(x).ToArray().Zip(encoder.Predict(y).ToArray(), (first, second) => first * second)];
        Assert.Equal(model.Layers[^1].Forward(Tensor.FromArray(product, 3, 3), Inference).ToArray(), model.Predict([x, y])[0].ToArray());
        using var file = new TemporaryFile("", ".safetensors");
        encoder.Save(file.Path);
        Assert.Equal(["lstm/kernel", "lstm/recurrent_kernel", "lstm/bias", "dense/kernel", "dense/bias"], Sequential.Load(file.Path).Parameters.Select(p => p.Name));
        Assert.Equal(encoder.Predict(x).ToArray(), Sequential.Load(file.Path).Predict(x).ToArray());
    }

    [Fact]
    public void A_model_of_several_outputs_and_a_sequential_are_layers_too()
    {
        LayerOutput x = Input.Of(new Shape(-1, 2)), z = Input.Of(new Shape(-1, 2));
        var inner = new Model([x], [new Dense(3).Of(x), new Dense(2, "sigmoid").Of(x)], name: "pair");
        IReadOnlyList<LayerOutput> both = inner.OutputsOf(z);
        var model = new Model([z], [new Concatenate().Of(both[0], both[1]), both[1]]);
        Tensor data = Tensor.FromArray([1f, -2f, 0.5f, 3f], 2, 2);
        Tensor[] parts = inner.Predict([data]), found = model.Predict([data]);
        Assert.Equal([.. parts[0].ToArray()[..3], .. parts[1].ToArray()[..2], .. parts[0].ToArray()[3..], .. parts[1].ToArray()[2..]], found[0].ToArray());
        Assert.Equal(["concatenate", "pair"], model.OutputNames);
        // The second output is read by another layer: that one gets shares, the loss gets logits.
        Tensor[] before = model.Forward([data], Inference, beforeActivation: true);
        Assert.Equal(found[0].ToArray(), before[0].ToArray());
        Assert.Equal(parts[1].ToArray(), Activation.Sigmoid.Apply(new Tape(recording: false), before[1]).ToArray());
        Assert.NotEqual(parts[1].ToArray(), before[1].ToArray());

        var whole = new Sequential(new Shape(-1, 2)) { new Sequential { new Dense(4), new Dense(3) }, new Dense(1) };
        Assert.Equal(["model/dense/kernel", "model/dense/bias", "model/dense_1/kernel"], whole.Parameters.Take(3).Select(p => p.Name));
        Assert.Equal(new Shape(2, 1), whole.Predict(data).Shape);
    }

    [Fact]
    public void A_model_at_every_step_comes_back_from_its_file()
    {
        var frame = new Sequential(new Shape(-1, 4, 2), name: "frame") { new Flatten(), new Dense(3, "tanh") };
        var model = new Sequential(new Shape(-1, -1, 4, 2), seed: 3) { new TimeDistributed(frame.AsLayer()), new Gru(2) };
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(2 * 3 * 8, 4, 1), 2, 3, 4, 2).WithLengths([3, 1]);
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Assert.Equal(model.Predict(x).ToArray(), Sequential.Load(file.Path).Predict(x).ToArray());
        Assert.Contains("time_distributed/frame/dense/kernel", model.Parameters.Select(p => p.Name));
    }

    [Fact]
    public void Models_answer_from_many_threads_at_once()
    {
        LayerOutput x = Input.Of(new Shape(-1, -1, 3));
        var gru = new Gru(6, returnSequences: true);
        var model = new Model(x, new Dense(2).Of(new Add().Of(gru.Of(x), new Dense(6).Of(x))));
        float[] expected = model.Predict(Ragged(3)).ToArray();
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ => Assert.Equal(expected, model.Predict(Ragged(3)).ToArray()));
    }

    [Fact]
    public void A_graph_that_is_no_model_is_refused()
    {
        LayerOutput x = Input.Of(new Shape(-1, 2), "x"), y = Input.Of(new Shape(-1, 2), "y");
        LayerOutput sum = new Add().Of(x, y);
        Refused(() => new Model(x, sum), "the outputs need input 'y' [?, 2], which is not among the model's inputs");
        Refused(() => new Model([x, y], [new Dense(1).Of(x)]), "input 'y' [?, 2] leads to no output");
        Refused(() => new Model([x, x], [sum]), "given twice as an input");
        Refused(() => new Model([x, y], [sum, sum]), "an output is given twice");
        Refused(() => new Model(sum, new Dense(1).Of(sum)), "Add [?, 2] is no input");
        Refused(() => new Model([x], []), "received 1 and 0");
        LayerOutput twin = Input.Of(new Shape(-1, 2), "x");
        Refused(() => new Model([x, twin], [new Add().Of(x, twin)]), "two inputs or layers are named 'x'");
        Refused(() => new Model(x, new Dense(1, name: "a").Of(new Dense(2, name: "a").Of(x))), "two inputs or layers are named 'a'");
        Refused(() => Input.Of(new Shape(3, 2)), "first axis, the batch, is open");
    }

    [Fact]
    public void Shapes_that_do_not_meet_are_refused_where_layers_are_applied()
    {
        LayerOutput x = Input.Of(new Shape(-1, 2)), y = Input.Of(new Shape(-1, 3)), z = Input.Of(new Shape(-1, 4, 2));
        Refused(() => new Add(name: "sum").Of(x, y), "Add 'sum': expected 2 in axis 1 as in input 0, [?, 2], found [?, 3] as input 1.");
        Refused(() => new Concatenate().Of(x, z), "expected inputs of 2 axes like input 0, [?, 2], found [?, 4, 2] as input 1");
        Refused(() => new Average().Of(x), "at least two inputs, received 1");
        Refused(() => new Dense(2).Of(x, y), "expected one input, received 2. Merge them first");
        var shared = new Dense(2, name: "d");
        _ = new Model(x, shared.Of(x));
        Refused(() => shared.Of(y), "Dense 'd': expected input [?, 2], for which it was built, received [?, 3]");
        var pair = new Model([x, y], [new Dense(1).Of(x), new Dense(1).Of(y)], name: "pair");
        Refused(() => pair.Of(x, y), "expected a model of one output, found 2; take them with OutputsOf");
        Refused(() => pair.OutputsOf(y, x), "Model 'pair': expected [?, 2] as input 'input', received [?, 3]");
        Refused(() => pair.Forward(Tensor.Zeros(1, 2), Inference), "expected 2 inputs (input, input_1), received 1");
        Refused(() => pair.Predict([Tensor.Zeros(1, 2), Tensor.Zeros(1, 4)]), "expected [?, 3] as input 'input_1', received [1, 4]");
        Refused(() => pair.Predict([Tensor.Zeros(1, 2), Tensor.Zeros(2, 3)]), "expected 1 examples of every input, received [2, 3]");
        Refused(() => pair.Predict(new Dictionary<string, Tensor> { ["input"] = Tensor.Zeros(1, 2), ["inputs"] = Tensor.Zeros(1, 3) }), "has no input 'inputs'; there are input, input_1");
        Refused(() => pair.Predict(new Dictionary<string, Tensor> { ["input"] = Tensor.Zeros(1, 2) }), "nothing is given for its input 'input_1'");
        Refused(() => pair.OutputOf("lstm"), "has no layer 'lstm'; there are dense, dense_1");
        Refused(() => new Sequential { pair }, "expected a model of one input and one output in a row, received 'pair' with 2 and 2");
    }

    [Fact]
    public void The_summary_says_what_each_layer_computes_from()
    {
        LayerOutput words = Input.Of(new Shape(-1, -1), "words"), length = Input.Of(new Shape(-1, 1), "length");
        var shared = new Dense(4);
        LayerOutput state = new Gru(4).Of(new Embedding(50, 8).Of(words));
        var model = new Model([words, length], [new Add().Of(shared.Of(state), shared.Of(new Dense(4).Of(length)))]);
        string expected = """
            Model: "model"
            ┏━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
            ┃ Layer (type)          ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
            ┡━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
            │ words (Input)         │ (None, None)      │          0 │ -                 │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ length (Input)        │ (None, 1)         │          0 │ -                 │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ embedding (Embedding) │ (None, None, 8)   │        400 │ words[0][0]       │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ gru (Gru)             │ (None, 4)         │        168 │ embedding[0][0]   │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ dense (Dense)         │ (None, 4)         │         20 │ gru[0][0],        │
            │                       │                   │            │ dense_1[0][0]     │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ dense_1 (Dense)       │ (None, 4)         │          8 │ length[0][0]      │
            ├───────────────────────┼───────────────────┼────────────┼───────────────────┤
            │ add (Add)             │ (None, 4)         │          0 │ dense[0][0],      │
            │                       │                   │            │ dense[1][0]       │
            └───────────────────────┴───────────────────┴────────────┴───────────────────┘
             Total params: 596 (2.33 KB)
             Trainable params: 596 (2.33 KB)
             Non-trainable params: 0 (0.00 B)

            """.ReplaceLineEndings("\n");
        Assert.Equal(expected, model.Summary());
    }

    private static Tensor Ragged(int features) => Tensor.FromArray(RecurrentData.Numbers(3 * 4 * features, 3, 1), 3, 4, features).WithLengths([4, 0, 2]);

    private static void Refused(Func<object> action, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => { action(); }).Message, StringComparison.Ordinal);
}
