using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Tests.Layers.Transformers;

/// <summary>What attention and the Transformer's layers refuse, and what they say.</summary>
public sealed class TransformerMessageTests
{
    private static readonly LayerOutput s_x = Input.Of(new Shape(-1, -1, 6)), s_y = Input.Of(new Shape(-1, 5, 4)), s_z = Input.Of(new Shape(-1, 7, 4));

    public static TheoryData<Func<object>, string> Refused => new()
    {
        { () => new MultiHeadAttention(0, 4), "expected 1 to 65536 heads, received 0" },
        { () => new MultiHeadAttention(2, 0), "expected at least 1, received 0" },
        { () => new MultiHeadAttention(2, 4) { ValueSize = 0 }, "expected at least 1, received 0" },
        { () => new MultiHeadAttention(2, 4) { Dropout = 1 }, "expected a dropout rate in [0, 1), received 1" },
        { () => new MultiHeadAttention(2, 3) { RotaryBase = 10 }, "expected an even head size for rotary positions" },
        { () => new MultiHeadAttention(2, 4) { RotaryBase = 1 }, "expected a finite rotary base above 1, received 1" },
        { () => new MultiHeadAttention(2, 4) { RotaryBase = 10 }.Of(s_x, s_y), "expected one input where RotaryBase is set" },
        { () => new MultiHeadAttention(2, 4).Of(s_x, s_y, s_z), "expected as many steps of key as of value" },
        { () => new MultiHeadAttention(2, 4).Of(s_x, s_x, s_x, s_x), "expected one input, or query, value and perhaps key, received 4" },
        { () => new MultiHeadAttention(2, 4).Of(Input.Of(new Shape(-1, 6))), "expected input [batch, time, features] with a known feature count, received [?, 6]" },
        { () => new TransformerEncoder(0, 2, 8), "TransformerEncoder: expected at least 1 layer, received 0" },
        { () => new TransformerEncoder(1, 4, 8).Of(s_x), "expected features that 4 heads divide, received [?, ?, 6]" },
        { () => new TransformerEncoder(1, 2, 8).Of(s_x, s_x), "expected one input, received 2" },
        { () => new TransformerDecoder(1, 2, 8).Of(s_x), "expected two inputs, the target's steps and the encoder's output, received 1. For a decoder alone use a TransformerEncoder with Causal." },
        { () => new TransformerEncoderLayer(2, 0), "expected a feed-forward part of at least 1 unit, received 0" },
        { () => new TransformerEncoderLayer(2, 8) { Epsilon = 0 }, "expected a finite epsilon above 0, received 0" },
        { () => new PositionEmbedding(0), "expected a maximum length of at least 1, received 0" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_is_refused_with_what_was_expected(Func<object> make, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sequence_beyond_the_trained_positions_is_refused_and_padding_is_not()
    {
        var layer = new PositionEmbedding(3, name: "places");
        Tensor four = Tensor.Zeros(2, 4, 5);
        Assert.Equal([3, 1], layer.Forward(four.WithLengths([3, 1]), new Pass(new Tape(false))).Lengths.ToArray());
        Assert.Contains("Trained positions 'positions' [3, 5]: expected at most 3 steps, received 4. Give shorter sequences",
            Assert.Throws<ArgumentException>(() => layer.Forward(four, new Pass(new Tape(false)))).Message);
    }
}
