using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Tests.Models;

public class SequentialTests
{
    /// <summary>Has a kernel of [features, units] and computes nothing.</summary>
    private sealed class Stub(string kind, int units, string? name = null, Shape? known = null) : Layer(name)
    {
        public override string Kind => kind;

        public override Shape? KnownInputShape => known;

        public override Shape OutputShapeOf(Shape input) => input.Rank >= 2
            ? input.With(-1, units)
            : throw new ArgumentException($"{Title}: expected [batch, …, features], received {input}.");

        public override Tensor Forward(Tensor input, Pass pass) => input;

        public override void WriteConfiguration(JsonObject configuration) => configuration["units"] = units;

        protected override void CreateParameters(Shape input, ulong seed) => AddParameter(new Parameter("kernel", new Shape(input.Features, units)));
    }

    [Fact]
    public void Layers_are_named_by_kind_and_parameters_by_layer()
    {
        var model = new Sequential(new Shape(-1, -1, 3)) { new Stub("lstm", 4), new Stub("lstm", 5), new Stub("dense", 2, "head"), new Stub("lstm", 1) };
        Assert.Equal(["lstm", "lstm_1", "head", "lstm_2"], model.Layers.Select(layer => layer.Name));
        Assert.Equal(["lstm/kernel", "lstm_1/kernel", "head/kernel", "lstm_2/kernel"], model.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(3 * 4 + 4 * 5 + 5 * 2 + 2, model.CountParameters());
        Assert.Equal(new Shape(-1, -1, 1), model.OutputShape);
    }

    [Fact]
    public void A_first_layer_that_knows_its_input_builds_all()
    {
        var model = new Sequential { new Stub("dense", 4), new Stub("dense", 5) };
        Assert.False(model.IsBuilt);
        model.Build(new Shape(-1, 7));
        Assert.True(model.IsBuilt);
        Assert.Equal(7 * 4 + 4 * 5, model.CountParameters());
        Assert.True(new Sequential { new Stub("dense", 4, known: new Shape(-1, 2)) }.IsBuilt);
    }

    [Fact]
    public void The_summary_is_Kerass_table()
    {
        var model = new Sequential(new Shape(-1, -1, 1000)) { new Stub("embedding", 64), new Stub("lstm", 1200) { Trainable = false } };
        string expected = """
            Model: "sequential"
            ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
            ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
            ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
            │ embedding (Stub)                │ (None, None, 64)       │        64,000 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ lstm (Stub)                     │ (None, None, 1200)     │        76,800 │
            └─────────────────────────────────┴────────────────────────┴───────────────┘
             Total params: 140,800 (550.00 KB)
             Trainable params: 64,000 (250.00 KB)
             Non-trainable params: 76,800 (300.00 KB)

            """.ReplaceLineEndings("\n");
        Assert.Equal(expected, model.Summary());
    }

    [Fact]
    public void The_summary_of_what_is_not_built_shows_question_marks()
    {
        string summary = new Sequential { new Stub("dense", 4) }.Summary();
        Assert.Contains("│ dense (Stub)                    │ ?                      │   0 (unbuilt) │", summary, StringComparison.Ordinal);
        Assert.Contains(" Total params: 0 (0.00 B)\n", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_widens_its_column()
    {
        string summary = new Sequential { new Stub("dense", 4, new string('x', 40)) }.Summary();
        string[] lines = summary.Split('\n');
        Assert.Equal(lines[1].Length, lines[4].Length);
        Assert.Contains(new string('x', 40) + " (Stub)", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_taken_and_a_layer_added_twice_are_refused()
    {
        var layer = new Stub("dense", 4, "head");
        var model = new Sequential { layer };
        Assert.Contains("has a layer 'head' already", Assert.Throws<ArgumentException>(() => model.Add(new Stub("dense", 1, "head"))).Message, StringComparison.Ordinal);
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => model.Add(layer)).Message, StringComparison.Ordinal);
        Assert.Single(model.Layers);
    }

    [Fact]
    public void A_layer_that_cannot_take_the_output_is_not_added()
    {
        var model = new Sequential(new Shape(-1)) { };
        var layer = new Stub("dense", 4);
        Assert.Contains("Stub 'dense': expected [batch", Assert.Throws<ArgumentException>(() => model.Add(layer)).Message, StringComparison.Ordinal);
        Assert.Empty(model.Layers);
        Assert.Equal("", layer.Name);
    }

    [Fact]
    public void Another_input_than_the_built_one_is_refused()
    {
        var model = new Sequential { new Stub("dense", 4) };
        model.Build(new Shape(-1, 7));
        Assert.Contains("expected input [?, 7], received [?, 8]", Assert.Throws<ArgumentException>(() => model.Build(new Shape(-1, 8))).Message, StringComparison.Ordinal);
    }
}
