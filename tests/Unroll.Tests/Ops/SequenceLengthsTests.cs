using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Ops;

public class SequenceLengthsTests
{
    [Fact]
    public void Lengths_in_a_pass_drop_the_padding_and_send_gradients_to_the_real_steps()
    {
        var tape = new Tape();
        Tensor x = Tensor.FromArray([1, 2, 3, 4, 5, 6], 2, 3, 1);
        tape.Watch(x);
        Tensor ragged = x.WithLengths([1, 3], new Pass(tape));
        Assert.Equal([1, 3], ragged.Lengths);
        Assert.Equal([1, 0, 0, 4, 5, 6], ragged.ToArray());
        tape.Backward(ragged, [10, 20, 30, 40, 50, 60]);
        Assert.Equal([10, 0, 0, 40, 50, 60], tape.GradientOf(x));
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        var pass = new Pass(new Tape());
        Tensor x = Tensor.Zeros(2, 3, 1);
        Assert.StartsWith("Expected 2 lengths, one a sequence, received 1.", Assert.Throws<ArgumentException>(() => x.WithLengths([1], pass)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Sequence 1 has length 4; the time axis has 3 steps", Assert.Throws<ArgumentException>(() => x.WithLengths([1, 4], pass)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Lengths need a tensor [batch, time, …]; this one is [4].", Assert.Throws<ArgumentException>(() => Tensor.Zeros(4).WithLengths([1], pass)).Message, StringComparison.Ordinal);
    }
}
