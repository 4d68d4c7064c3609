namespace Unroll.Decoding;

/// <summary>
/// The most probable sequences that a model knows of, followed K at a time (Graves 2012; Sutskever et al. 2014), for all sources in one
/// batch. Ties have a fixed order: the better sequence so far, then the lower token.
/// </summary>
public static class BeamSearch
{
    /// <summary>Searches.</summary>
    /// <param name="model">At its beginning, one row a source.</param>
    /// <param name="options">Beginning, end, width and penalties.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>For each source its answers, best first; none where everything was forbidden.</returns>
    /// <exception cref="ArgumentException">Options out of range.</exception>
    /// <exception cref="InvalidOperationException">A logit that is NaN or +∞.</exception>
    public static IReadOnlyList<GeneratedSequence>[] Run(INextTokenModel model, BeamOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(model);
        var beams = new Beam[model.Rows];
        for (int s = 0; s < beams.Length; s++) beams[s] = new Beam(s, options);
        var step = new NextTokenStep(model, options);
        for (int length = 0; length < options.MaximumLength; length++)
        {
            (Beam Of, BeamNode Node)[] live = [.. beams.SelectMany(beam => beam.Live.Select(node => (beam, node)))];
            if (live.Length == 0) break;
            cancellation.ThrowIfCancellationRequested();
            if (length > 0) model.Select([.. live.Select(one => one.Node.Row)]);
            step.Run([.. live.Select(one => one.Node.Token)], [.. live.Select(one => one.Of.Source)], length, row => live[row].Node.Tokens);
            int first = 0;
            foreach (Beam beam in beams)
            {
                int rows = beam.Live.Count;
                beam.Advance(step, first, model);
                first += rows;
            }
        }
        return [.. beams.Select(beam => beam.Answers())];
    }
}
