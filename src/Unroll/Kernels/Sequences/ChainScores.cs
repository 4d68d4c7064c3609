namespace Unroll.Kernels.Sequences;

/// <summary>
/// A chain's scores as <see cref="ChainLattice"/> reads them: rows of whole vectors, −∞ in the padding and where a
/// transition, a first or a last tag is not allowed.
/// </summary>
internal readonly unsafe struct ChainScores
{
    /// <summary>[Tags, Width]: from the row's tag to the column's.</summary>
    public readonly float* Forward;

    /// <summary>[Tags, Width]: the same transposed.</summary>
    public readonly float* Backward;

    /// <summary>[Width].</summary>
    public readonly float* Start, End;

    /// <summary>Lays scores out.</summary>
    /// <param name="transitions">[tags, tags], from row to column.</param>
    /// <param name="start">[tags].</param>
    /// <param name="end">[tags].</param>
    /// <param name="allowed">What is allowed, or null for everything.</param>
    /// <param name="tags">How many tags.</param>
    /// <param name="room"><see cref="Length"/> floats.</param>
    public ChainScores(float* transitions, float* start, float* end, ChainConstraint? allowed, int tags, float* room)
    {
        int width = Width(tags);
        new Span<float>(room, (int)Length(tags)).Fill(float.NegativeInfinity);
        Forward = room;
        Backward = Forward + tags * width;
        Start = Backward + tags * width;
        End = Start + width;
        for (int i = 0; i < tags; i++)
        {
            if (allowed is null || allowed.MayStart(i)) Start[i] = start[i];
            if (allowed is null || allowed.MayEnd(i)) End[i] = end[i];
            for (int j = 0; j < tags; j++)
                if (allowed is null || allowed.MayFollow(i, j)) Backward[j * width + i] = Forward[i * width + j] = transitions[i * tags + j];
        }
    }

    /// <summary>A row's floats: the tags rounded up to whole vectors of any width.</summary>
    public static int Width(int tags) => (tags + 15) / 16 * 16;

    /// <summary>Floats of room for so many tags.</summary>
    public static long Length(int tags) => (2L * tags + 2) * Width(tags);
}
