using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What LSTM cells that are composed of operations have in common; gates i, f, g, o side by side.</summary>
internal static class LstmGates
{
    /// <summary>σ of the output gate's sum, and c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g).</summary>
    public static (Tensor Output, Tensor Carry) Next(Tensor sums, Tensor carry, int units, Pass pass)
    {
        Tensor input = pass.Sigmoid(pass.Slice(sums, 0, units)), forget = pass.Sigmoid(pass.Slice(sums, units, units));
        Tensor candidate = pass.Tanh(pass.Slice(sums, 2 * units, units)), output = pass.Sigmoid(pass.Slice(sums, 3 * units, units));
        return (output, pass.Add(pass.Multiply(forget, carry), pass.Multiply(input, candidate)));
    }

    /// <summary>Lets the forget gate begin open (Jozefowicz et al. 2015).</summary>
    public static void SetForgetBias(Parameter bias, int units)
    {
        float[] values = bias.ToArray();
        values.AsSpan(units, units).Fill(1f);
        bias.Set(values);
    }
}
