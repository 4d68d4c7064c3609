using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers;

public class CompositeLayerTests
{
    [Fact]
    public void A_parallel_sum_adds_its_branches_outputs()
    {
        ParallelSum layer = Built();
        Tensor input = Tensor.FromArray([1f, 2f, 3f, -1f, 0.5f, 4f], 2, 3);
        float[] sum = layer.Forward(input, new Pass(new Tape(false))).ToArray();
        // Branch a: x · [1, 2, 3]ᵀ · 10; branch b: x · [0.5, −1, 2]ᵀ + 7.
        Assert.Equal([10 * (1 + 4 + 9) + 0.5f - 2 + 6 + 7, 10 * (-1 + 1 + 12) - 0.5f - 0.5f + 8 + 7], sum);
    }

    [Fact]
    public void Every_branch_collects_its_own_gradient_from_the_one_output()
    {
        ParallelSum layer = Built();
        var tape = new Tape();
        Tensor output = layer.Forward(Tensor.FromArray([1f, 2f, 3f, -1f, 0.5f, 4f], 2, 3), new Pass(tape, Training: true));
        tape.Backward(output, [1f, -2f]);
        float[] Gradient(string name) => layer.Parameters.Single(parameter => parameter.Name == name).GradientToArray();
        Assert.Equal([30f, 10f, -50f], Gradient("a/dense/kernel")); // 10 · (x₀ − 2 x₁)
        Assert.Equal([14f - 2 * 12f], Gradient("a/dense_1/kernel"));
        Assert.Equal([3f, 1f, -5f], Gradient("dense/kernel"));
        Assert.Equal([-1f], Gradient("dense/bias"));
    }

    [Fact]
    public void A_frozen_branch_stays_frozen_when_the_whole_is_built_and_saved()
    {
        var model = new Sequential(new Shape(-1, 3)) { Branches(frozen: true) };
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Sequential loaded = Sequential.Load(file.Path);
        foreach (Sequential one in (Sequential[])[model, loaded])
            Assert.Equal(["parallel_sum/a/dense/kernel", "parallel_sum/a/dense_1/kernel"], one.Parameters.Where(parameter => parameter.Trainable).Select(parameter => parameter.Name));
        model.Layers[0].Trainable = false;
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Trainable);
    }

    [Fact]
    public void Saved_and_loaded_gives_the_same_numbers()
    {
        var model = new Sequential(new Shape(-1, 4, 3), seed: 5)
        {
            new ParallelSum(new Stack([new Lstm(4, returnSequences: true), new Bidirectional(new Gru(3)), new Dense(2)], "recurrent"), new Stack(new Flatten(), new Dense(2))),
        };
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Sequential loaded = Sequential.Load(file.Path);
        Tensor input = Tensor.FromArray([.. Enumerable.Range(1, 24).Select(i => (float)Math.Sin(1.7 * i))], 2, 4, 3);
        float[] expected = model.Forward(input, new Pass(new Tape(false))).ToArray();
        Assert.Equal(4, expected.Distinct().Count());
        Assert.Equal(expected, loaded.Forward(input, new Pass(new Tape(false))).ToArray());
        Assert.Equal(model.Parameters.Select(parameter => parameter.Name), loaded.Parameters.Select(parameter => parameter.Name));
        Assert.Contains("parallel_sum/recurrent/bidirectional/backward/kernel", model.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void A_stack_ends_with_its_last_layers_activation()
    {
        var stack = new Stack(new Dense(3), new Dense(2, Unroll.Ops.Activation.Softmax)) { Name = "s" };
        stack.Build(new Shape(-1, 3), 1);
        Assert.Same(Unroll.Ops.Activation.Softmax, stack.FinalActivation);
        Tensor input = Tensor.FromArray([1f, 2f, 3f], 1, 3);
        float[] before = stack.ForwardBeforeActivation(input, new Pass(new Tape(false))).ToArray();
        float[] after = stack.Forward(input, new Pass(new Tape(false))).ToArray();
        Assert.Equal(1 / (1 + Math.Exp(before[1] - before[0])), after[0], 6);
        Assert.Null(new ParallelSum(stack.Layers[0].IsBuilt ? new Dense(2, Unroll.Ops.Activation.Softmax) : new Dense(1)).FinalActivation);
    }

    [Fact]
    public void Branches_of_different_output_shapes_are_refused_with_both()
    {
        var layer = new ParallelSum(new Dense(2), new Dense(3));
        string message = Assert.Throws<ArgumentException>(() => layer.Build(new Shape(-1, 4))).Message;
        Assert.Contains("[?, 2] from branch 0 and [?, 3] from branch 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_layer_a_repeated_layer_and_two_of_one_name_are_refused()
    {
        var dense = new Dense(2);
        Assert.Contains("at least one layer", Assert.Throws<ArgumentException>(() => new Stack()).Message, StringComparison.Ordinal);
        Assert.Contains("given twice", Assert.Throws<ArgumentException>(() => new ParallelSum(dense, dense)).Message, StringComparison.Ordinal);
        Assert.Contains("two layers are named 'x'", Assert.Throws<ArgumentException>(() => new Stack(new Dense(2, name: "x"), new Dense(2, name: "x"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "expected a list 'layers'")]
    [InlineData("""{"layers": [3]}""", "entry 0")]
    [InlineData("""{"layers": [{"kind": "flatten", "configuration": {}}, {"kind": "nonsense", "configuration": {}}]}""", "'nonsense'")]
    public void A_configuration_that_describes_no_layers_is_refused(string configuration, string message)
    {
        foreach (string kind in (string[])["stack", "parallel_sum"])
            Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LayerCatalogue.Make(kind, JsonNode.Parse(configuration)!.AsObject())).Message, StringComparison.Ordinal);
    }

    private static ParallelSum Branches(bool frozen) => new(
        new Stack([new Dense(1, useBias: false), new Dense(1, useBias: false)], "a"), new Dense(1) { Trainable = !frozen });

    private static ParallelSum Built()
    {
        ParallelSum layer = Branches(frozen: false);
        layer.Name = "sum";
        layer.Build(new Shape(-1, 3), 1);
        float[][] values = [[1, 2, 3], [10], [0.5f, -1, 2], [7]];
        for (int i = 0; i < values.Length; i++) layer.Parameters[i].Set(values[i]);
        return layer;
    }
}
