using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Optimizers;

namespace Unroll.Models;

/// <summary>What a model is trained and judged with. A loaded model has no optimiser until it is compiled again.</summary>
internal sealed record CompileSettings(Optimizer? Optimizer, Loss Loss, IReadOnlyList<Metric> Metrics);
