using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>What recurrent layers refuse, word for word.</summary>
public sealed class RecurrentMessageTests
{
    private static Pass Inference => new(new Tape(recording: false));

    private static Tensor Input => Tensor.Zeros(2, 4, 3);

    [Fact]
    public void An_input_without_a_time_axis_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Lstm(4, name: "encoder").Forward(Tensor.Zeros(2, 3), Inference));
        Assert.Equal("Lstm 'encoder': expected input [batch, time, features], received [?, 3]. A table of rows needs a time axis first.", refused.Message);
    }

    [Fact]
    public void Features_that_are_not_known_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Gru(4).OutputShapeOf(new Shape(Shape.Unknown, 5, Shape.Unknown)));
        Assert.Equal("Gru: expected a fixed number of features in the last axis, received [?, 5, ?].", refused.Message);
    }

    [Fact]
    public void Another_feature_count_than_at_build_is_refused()
    {
        var layer = new SimpleRnn(4, name: "reader");
        layer.Forward(Input, Inference);
        var refused = Assert.Throws<ArgumentException>(() => layer.Forward(Tensor.Zeros(2, 4, 5), Inference));
        Assert.Equal("SimpleRnn 'reader': expected input [?, ?, 3], received [2, 4, 5]. The feature count was fixed at build; rebuild, or give the data 3 features. (Parameter 'input')", refused.Message);
    }

    [Fact]
    public void Both_ways_refuse_another_feature_count_too()
    {
        var layer = new Bidirectional(new Gru(4), name: "both");
        layer.Forward(Input, Inference);
        var refused = Assert.Throws<ArgumentException>(() => layer.Forward(Tensor.Zeros(2, 4, 5), Inference));
        Assert.Equal("Bidirectional 'both': expected input [?, ?, 3], received [2, 4, 5]. The feature count was fixed at build; rebuild, or give the data 3 features. (Parameter 'input')", refused.Message);
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(3, 4)]
    [InlineData(8)]
    public void A_hidden_state_of_another_shape_is_refused(params int[] shape)
    {
        var refused = Assert.Throws<ArgumentException>(() => new Lstm(4, name: "encoder").ForwardWithState(Input, new RecurrentState(Tensor.Zeros(shape)), Inference));
        Assert.Equal($"Lstm 'encoder': expected an initial hidden state [2, 4], [batch, units], received {new Shape(shape)}. (Parameter 'initial')", refused.Message);
    }

    [Fact]
    public void A_cell_state_of_another_shape_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new Lstm(4, name: "encoder").ForwardWithState(Input, new RecurrentState(Tensor.Zeros(2, 4), Tensor.Zeros(2, 3)), Inference));
        Assert.Equal("Lstm 'encoder': expected an initial cell state [2, 4], [batch, units], received [2, 3]. (Parameter 'initial')", refused.Message);
    }

    [Fact]
    public void Both_ways_say_which_direction_got_a_state_of_another_shape()
    {
        var layer = new Bidirectional(new Gru(4), name: "both");
        var refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithState(Input, null, new RecurrentState(Tensor.Zeros(2, 5)), Inference));
        Assert.Equal("Gru 'both/backward': expected an initial hidden state [2, 4], [batch, units], received [2, 5]. (Parameter 'initial')", refused.Message);
    }

    [Fact]
    public void A_cell_state_for_a_layer_that_has_none_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(
            () => new Gru(4, name: "reader").ForwardWithState(Input, new RecurrentState(Tensor.Zeros(2, 4), Tensor.Zeros(2, 4)), Inference));
        Assert.Equal("Gru 'reader' has no cell state; received one in the initial state. (Parameter 'initial')", refused.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_width_below_one_is_refused(int units)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new Lstm(units));
        Assert.Equal($"Lstm: units is {units}; expected at least 1. (Parameter 'units')", refused.Message);
    }

    [Theory]
    [InlineData(1.5f, "1.5")]
    [InlineData(1f, "1")]
    [InlineData(-0.25f, "-0.25")]
    [InlineData(float.NaN, "NaN")]
    public void A_dropout_that_is_no_share_is_refused_in_the_same_words_everywhere(float dropout, string written)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            commas.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = commas;
            var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new Gru(4) { Dropout = dropout });
            Assert.Equal($"Gru: dropout is {written}; expected a share in [0, 1). (Parameter 'Dropout')", refused.Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void An_activation_of_whole_rows_is_refused_with_the_others()
    {
        var refused = Assert.Throws<ArgumentException>(() => new SimpleRnn(4, "softmax"));
        Assert.Equal("SimpleRnn: Activation 'softmax' cannot be used here, because it needs a whole row; expected one of: linear, sigmoid, tanh, relu, leaky_relu, elu, selu, softplus, softsign, gelu, gelu_tanh, silu, hard_sigmoid, hard_tanh, mish. (Parameter 'Activation')", refused.Message);
    }

    [Fact]
    public void A_gate_that_would_have_to_keep_more_than_its_value_is_refused_with_the_others()
    {
        const string others = "cannot be used here, because its slope does not follow from its value, which is all that the layer keeps; expected one of: linear, sigmoid, tanh, relu, leaky_relu, elu, selu, softsign, hard_sigmoid, hard_tanh.";
        foreach (string name in new[] { "softplus", "gelu", "gelu_tanh", "silu", "mish", "softmax" })
        {
            Assert.Equal($"CoupledLstm: Activation '{name}' {others} (Parameter 'Activation')",
                Assert.Throws<ArgumentException>(() => new CoupledLstm(4) { Activation = name }).Message);
            Assert.Equal($"Gru: RecurrentActivation '{name}' {others} (Parameter 'RecurrentActivation')",
                Assert.Throws<ArgumentException>(() => new Gru(4) { RecurrentActivation = name }).Message);
        }
    }

    [Theory]
    [InlineData(0f, "0")]
    [InlineData(-1.5f, "-1.5")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void A_cell_clip_that_is_no_limit_is_refused(float clip, string written)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new PeepholeLstm(4) { CellClip = clip });
        Assert.Equal($"PeepholeLstm: cellClip is {written}; expected a number above 0, or null for no limit. (Parameter 'CellClip')", refused.Message);
    }

    [Fact]
    public void A_recurrent_limit_that_is_no_limit_is_refused()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new IndRnn(4) { RecurrentLimit = -2 });
        Assert.Equal("IndRnn: recurrentLimit is -2; expected a number above 0, or null for no limit. (Parameter 'RecurrentLimit')", refused.Message);
    }

    [Fact]
    public void A_file_of_before_there_were_other_activations_is_read()
    {
        var written = new JsonObject();
        new Lstm(4).WriteConfiguration(written);
        foreach (string setting in new[] { "activation", "recurrent_activation", "cell_clip", "recurrent_dropout", "recurrent_dropout_kind", "zoneout", "cell_zoneout" }) Assert.True(written.Remove(setting));
        var read = (Lstm)LayerCatalogue.Make("lstm", written);
        Assert.Equal(("tanh", "sigmoid", null), (read.Activation.Name, read.RecurrentActivation.Name, read.CellClip));
    }

    [Fact]
    public void Both_ways_of_a_built_layer_are_refused()
    {
        var layer = new Lstm(4, name: "encoder");
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, 3));
        var refused = Assert.Throws<ArgumentException>(() => new Bidirectional(layer));
        Assert.Equal("Bidirectional: Lstm 'encoder' is built already; give a new layer. (Parameter 'layer')", refused.Message);
    }

    [Fact]
    public void Both_ways_of_a_backward_layer_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Bidirectional(new Gru(4) { GoBackwards = true }));
        Assert.Equal("Bidirectional: Gru goes backwards already; give a layer that reads forward. (Parameter 'layer')", refused.Message);
    }

    [Fact]
    public void An_unknown_merge_is_refused()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new Bidirectional(new Gru(4), (MergeMode)9));
        Assert.Equal("Bidirectional: merge 9 is not one of Concat, Sum, Multiply, Average. (Parameter 'merge')", refused.Message);
    }

    [Theory]
    [InlineData("Product")]
    [InlineData("9")]
    public void A_configuration_with_an_unknown_merge_is_refused(string merge)
    {
        var written = new JsonObject();
        new Bidirectional(new Gru(4)).WriteConfiguration(written);
        written["merge"] = merge;
        var refused = Assert.Throws<InvalidDataException>(() => LayerCatalogue.Make("bidirectional", written));
        Assert.Equal($"Layer kind 'bidirectional': the setting 'merge' is \"{merge}\"; expected one of Concat, Sum, Multiply, Average.", refused.Message);
    }

    [Fact]
    public void A_configuration_that_the_layer_refuses_is_refused_with_its_words()
    {
        var written = new JsonObject();
        new Gru(4).WriteConfiguration(written);
        written["units"] = 0;
        Assert.Equal("Layer kind 'gru': Gru: units is 0; expected at least 1. (Parameter 'units')",
            Assert.Throws<InvalidDataException>(() => LayerCatalogue.Make("gru", written)).Message);
    }

    [Fact]
    public void Weights_asked_for_before_there_are_any_are_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new Lstm(4, name: "encoder").Weights);
        Assert.Equal("Lstm 'encoder' has no weights yet; build it first.", refused.Message);
    }
}
