using Unroll.Optimizers;

namespace Unroll.Models;

/// <summary>What a model is trained and judged with, for each output in order. A loaded model has no optimiser until it is compiled again.</summary>
internal sealed record CompileSettings(Optimizer? Optimizer, IReadOnlyList<OutputSettings> Outputs);
