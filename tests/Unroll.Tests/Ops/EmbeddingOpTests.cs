using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Ops;

public sealed class EmbeddingOpTests
{
    private static Parameter Table() => new("embeddings", new Shape(4, 2));

    [Theory]
    [InlineData(4f, "found 4.")]
    [InlineData(-1f, "found -1.")]
    [InlineData(1.5f, "found 1.5.")]
    [InlineData(float.NaN, "found NaN.")]
    [InlineData(float.PositiveInfinity, "found Infinity.")]
    public void An_id_outside_the_vocabulary_is_refused_with_its_place(float id, string found)
    {
        Tensor ids = Tensor.FromArray([0, 1, 2, 3, 0, id], 2, 3);
        string message = Assert.Throws<ArgumentException>(() => EmbeddingOp.Of(new Tape(), ids, Table())).Message;
        Assert.Equal($"Embedding: row 1, step 2: expected a whole number from 0 to 3 (the vocabulary has 4 entries), {found}", message);
    }

    [Fact]
    public void An_id_in_a_ragged_batch_is_refused_with_its_place()
    {
        Tensor ids = Tensor.FromTokens([[0], [1, 2, 9], [3, 3]]);
        string message = Assert.Throws<ArgumentException>(() => EmbeddingOp.Of(new Tape(), ids, Table())).Message;
        Assert.StartsWith("Embedding: row 1, step 2:", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_table_gets_no_gradient()
    {
        Parameter table = Table();
        table.Trainable = false;
        var tape = new Tape();
        Tensor y = EmbeddingOp.Of(tape, Tensor.FromArray([1, 2], 1, 2), table);
        Assert.Throws<InvalidOperationException>(() => tape.Backward(SumOp.Of(tape, y)));
        Assert.False(table.HasGradients);
    }
}
