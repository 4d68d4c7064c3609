using Unroll.Autograd;
using Unroll.Kernels.Regularization;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// What a model costs besides its loss: the <see cref="Regularizer"/> of each parameter, and what layers such as
/// <c>ActivityRegularization</c> leave on the tape in training. <c>Fit</c> counts both; here for loops of one's own.
/// </summary>
public static unsafe class Regularization
{
    /// <summary>The parameters' penalties, summed.</summary>
    /// <param name="parameters">The model's; each listed once. Frozen ones count too, as in Keras.</param>
    public static double Of(IReadOnlyList<Parameter> parameters) => Sum(parameters, addGradients: false);

    /// <summary>
    /// Adds the penalties' gradients to those of trainable parameters, in one pass over the memory of each. Call it between
    /// the backward pass and clipping.
    /// </summary>
    /// <param name="parameters">The model's; each listed once.</param>
    /// <returns>The parameters' penalties, summed.</returns>
    public static double AddGradients(IReadOnlyList<Parameter> parameters) => Sum(parameters, addGradients: true);

    /// <summary>The loss and what layers left on its tape, as one number to go backward from.</summary>
    /// <param name="loss">One number, computed on a tape.</param>
    public static Tensor WithActivity(Tensor loss)
    {
        Tape tape = Tape.Of(loss);
        for (int i = 0; i < tape.Penalties.Count; i++) loss = AddOp.Of(tape, loss, tape.Penalties[i]);
        return loss;
    }

    private static double Sum(IReadOnlyList<Parameter> parameters, bool addGradients)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double total = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            if (parameter.Regularizer is not { } regularizer) continue;
            float* gradients = addGradients && parameter.Trainable ? parameter.Gradients : null;
            total += Penalty.Run(parameter.Values, gradients, parameter.StorageLength, regularizer.Absolute, regularizer.Square);
        }
        GC.KeepAlive(parameters);
        return total;
    }
}
