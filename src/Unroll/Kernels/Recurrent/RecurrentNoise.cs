using Unroll.Basics;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// What regularises a recurrence. A draw is a function of the stream and of its place: sequence in batch order, then time ·
/// units + unit. So neither packing, threads nor padding change it.
/// </summary>
/// <param name="StateDropout">Share of the units whose state the recurrent product does not see, the same for a whole sequence (Gal and Ghahramani 2016).</param>
/// <param name="CandidateDropout">Share of the candidates dropped at each step (Semeniuta et al. 2016).</param>
/// <param name="StateHold">Probability with which a unit's hidden state stays what it was (Krueger et al. 2017).</param>
/// <param name="CarryHold">The same for the cell state.</param>
/// <param name="Draws">Whether it is drawn, as in training; otherwise expectations are used.</param>
/// <param name="Stream">Seed, layer and step of the draws.</param>
/// <param name="FirstTime">The time of the sequence's first step, where it is a part of a longer one.</param>
internal readonly record struct RecurrentNoise(
    float StateDropout, float CandidateDropout, float StateHold, float CarryHold, bool Draws, RandomStream Stream, int FirstTime = 0);
