using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Ops;

public sealed class ScaledDotProductAttentionOpTests
{
    private static readonly AttentionSettings s_twoHeads = new(2);

    private static Tensor Numbers(int start, params int[] shape) =>
        Tensor.FromArray(OperationEntry.Distinct(shape.Aggregate(1, (a, b) => a * b), start), shape);

    private static float[] Output(Tensor q, Tensor k, Tensor v, AttentionSettings settings) =>
        ScaledDotProductAttentionOp.Of(new Tape(recording: false), q, k, v, settings).ToArray();

    [Fact]
    public void The_weights_are_those_of_the_definition()
    {
        Tensor q = Numbers(0, 3, 4, 6).WithLengths([4, 1, 3]), k = Numbers(50, 3, 5, 6).WithLengths([2, 5, 0]);
        Tensor weights = ScaledDotProductAttentionOp.WeightsOf(new Tape(recording: false), q, k, s_twoHeads with { Causal = true, Offset = 1 });
        Assert.Equal(new Shape(3, 2, 4, 5), weights.Shape);
        double[] expected = ReferenceAttention.Weights(Of(q), Of(k), 2, 1, null);
        float[] found = weights.ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-6);
    }

    [Fact]
    public void The_weights_times_the_values_are_the_output()
    {
        Tensor q = Numbers(0, 1, 3, 4), k = Numbers(50, 1, 300, 4), identity = Tensor.FromArray([.. Enumerable.Range(0, 300 * 300).Select(i => i / 300 == i % 300 ? 1f : 0f)], 1, 300, 300);
        float[] weights = ScaledDotProductAttentionOp.WeightsOf(new Tape(recording: false), q, k, new AttentionSettings(1)).ToArray();
        float[] output = Output(q, k, identity, new AttentionSettings(1));
        for (int i = 0; i < weights.Length; i++) Assert.Equal(weights[i], output[i], 1e-6f * weights.Max());
    }

    [Fact]
    public void Neither_the_batch_nor_padding_changes_a_bit_even_with_dropout()
    {
        AttentionSettings settings = s_twoHeads with { Dropout = 0.3f, Draws = new RandomStream(3, "attention", 9) };
        float[] x = OperationEntry.Distinct(200 * 8);
        float[] alone = Output(Tensor.FromArray(x, 1, 200, 8), Tensor.FromArray(x, 1, 200, 8), Tensor.FromArray(x, 1, 200, 8), settings);
        float[] padded = new float[3 * 260 * 8];
        x.CopyTo(padded, 0);
        OperationEntry.Distinct(padded.Length - x.Length, 7000).CopyTo(padded, x.Length);
        Tensor among = Tensor.FromArray(padded, 3, 260, 8).WithLengths([200, 260, 17]);
        AssertSameBits(alone, Output(among, among, among, settings)[..alone.Length]);
    }

    [Fact]
    public void A_causal_sequence_in_two_calls_has_the_bits_of_the_whole()
    {
        const int steps = 300, first = 141;
        float[] x = OperationEntry.Distinct(steps * 8);
        Tensor whole = Tensor.FromArray(x, 1, steps, 8), begin = Tensor.FromArray(x.AsSpan(0, first * 8), 1, first, 8), rest = Tensor.FromArray(x.AsSpan(first * 8), 1, steps - first, 8);
        float[] expected = Output(whole, whole, whole, s_twoHeads with { Causal = true });
        AssertSameBits(expected[..(first * 8)], Output(begin, begin, begin, s_twoHeads with { Causal = true }));
        AssertSameBits(expected[(first * 8)..], Output(rest, whole, whole, s_twoHeads with { Causal = true, Offset = first }));
    }

    [Fact]
    public void A_query_without_keys_has_an_output_and_gradients_of_zeros()
    {
        Tensor q = Numbers(0, 2, 3, 4), k = Numbers(50, 2, 2, 4).WithLengths([0, 2]);
        var tape = new Tape();
        tape.Watch(q);
        Tensor y = ScaledDotProductAttentionOp.Of(tape, q, k, k, s_twoHeads);
        Assert.All(y.ToArray()[..12], v => Assert.Equal(0f, v));
        tape.Backward(y, GradientCheck.Weights(24));
        Assert.All(tape.GradientOf(q)[..12], v => Assert.Equal(0f, v));
        Assert.DoesNotContain(tape.GradientOf(q)[12..], v => v == 0f || float.IsNaN(v));
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        Tensor q = Tensor.FromArray([1000f], 1, 1, 1), k = Tensor.FromArray([1000f, 999f, -1000f], 1, 3, 1), v = Tensor.FromArray([1f, 2f, 3f], 1, 3, 1);
        Assert.Equal([1f], Output(q, k, v, new AttentionSettings(1)));
    }

    [Fact]
    public void Memory_grows_with_the_length_and_not_with_its_square()
    {
        long Bytes(int steps)
        {
            var tape = new Tape();
            Tensor x = Numbers(0, 1, steps, 4);
            tape.Watch(x);
            Tensor y = ScaledDotProductAttentionOp.Of(tape, x, x, x, s_twoHeads);
            tape.Backward(y, new float[steps * 4]);
            return tape.UsedBytes;
        }
        Assert.True(Bytes(4000) < 2.2 * Bytes(2000), $"{Bytes(2000)} bytes for 2000 steps, {Bytes(4000)} for 4000.");
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_came()
    {
        Tensor q = Tensor.Zeros(2, 3, 6);
        Refused(q, Tensor.Zeros(2, 4, 5), q, s_twoHeads, "[2, 3, 6], [2, 4, 5]");
        Refused(q, q, q, new AttentionSettings(4), "4 heads divide");
        Refused(q, q.WithLengths([1, 2]), q, s_twoHeads, "same lengths");
        Refused(q, q, q, s_twoHeads with { Dropout = 1f }, "[0, 1), received 1");
    }

    private static void AssertSameBits(float[] expected, float[] found) =>
        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(found, BitConverter.SingleToInt32Bits));

    private static void Refused(Tensor q, Tensor k, Tensor v, AttentionSettings settings, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Output(q, k, v, settings)).Message, StringComparison.Ordinal);

    private static ReferenceTensor Of(Tensor x) => new([x.Shape[0], x.Shape[1], x.Shape[2]], Array.ConvertAll(x.ToArray(), v => (double)v), x.Lengths.ToArray());
}
