using Unroll.Ops;

namespace Unroll.Tests.Reference;

/// <summary>The activations of one number in double precision.</summary>
internal static class ReferenceActivations
{
    public static IReadOnlyList<(Activation Activation, Func<double, double> Function)> All { get; } =
    [
        (Activation.Sigmoid, Sigmoid),
        (Activation.Tanh, Math.Tanh),
        (Activation.Relu, x => x > 0 ? x : 0),
        (Activation.LeakyRelu, x => x > 0 ? x : 0.01 * x),
        (Activation.Elu, x => x > 0 ? x : Math.Exp(x) - 1),
        (Activation.Selu, x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543773 * (Math.Exp(x) - 1))),
        (Activation.Softplus, Softplus),
        (Activation.Softsign, x => x / (1 + Math.Abs(x))),
        (Activation.Gelu, x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)))),
        (Activation.GeluTanh, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        (Activation.Silu, x => x * Sigmoid(x)),
        (Activation.HardSigmoid, x => Math.Clamp(x + 3, 0, 6) / 6),
        (Activation.HardTanh, x => Math.Clamp(x, -1, 1)),
        (Activation.Mish, x => x * Math.Tanh(Softplus(x))),
    ];

    /// <summary>One of them, or x itself.</summary>
    public static Func<double, double> Of(Activation activation) =>
        activation == Activation.Linear ? x => x : All.Single(a => a.Activation == activation).Function;

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));

    /// <summary>The power series of erf: exact enough below 4.</summary>
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 120; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
