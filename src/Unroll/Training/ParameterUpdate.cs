using Unroll.Models;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>From gradients to weights: look for what is not finite, clip, add noise, step.</summary>
internal sealed class ParameterUpdate(Network model, Optimizer optimizer, FitOptions options, bool stopAtNonFinite)
{
    /// <param name="loss">The loss, for messages.</param>
    /// <param name="seed">The seed of noise.</param>
    /// <param name="step">The number of the step, from 0.</param>
    /// <param name="place">Epoch and step within it, from 1, for messages.</param>
    /// <exception cref="TrainingDivergedException">A gradient is not finite, where that is looked for; gradients are zeros then.</exception>
    public void Run(float loss, ulong seed, long step, (int Epoch, int Batch) place)
    {
        if (stopAtNonFinite && NonFiniteSearch.FirstGradient(model) is { } parameter)
        {
            for (int i = 0; i < model.Parameters.Count; i++) model.Parameters[i].ClearGradient();
            throw NonFiniteSearch.InGradient(parameter, loss, place);
        }
        if (options.ClipValue is { } limit) GradientClipping.ByValue(model.Parameters, limit);
        if (options.ClipNorm is { } norm) GradientClipping.ByNorm(model.Parameters, norm);
        if (options.GlobalClipNorm is { } globalNorm) GradientClipping.ByGlobalNorm(model.Parameters, globalNorm);
        options.GradientNoise?.Add(model.Parameters, seed, step);
        optimizer.Step(model.Parameters);
    }
}
