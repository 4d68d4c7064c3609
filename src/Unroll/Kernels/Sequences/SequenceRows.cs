using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Sequences;

/// <summary>Where the steps of each sequence of a batch lie in memory, packed by time or [B, T] dense.</summary>
internal readonly unsafe struct SequenceRows(SequenceLayout? layout, int batch, int steps)
{
    /// <summary>How many sequences.</summary>
    public int Batch => batch;

    /// <summary>T, the time axis.</summary>
    public int Steps => steps;

    /// <summary>The batch index of the sequence at a place, from 0: longest first where there are lengths.</summary>
    public int Sequence(int place) => layout is null ? place : layout.Order[place];

    /// <summary>The length of a sequence, by its batch index.</summary>
    public int Length(int sequence) => layout is null ? steps : layout.Lengths[sequence];

    /// <summary>The row in memory of a step of the sequence at a place.</summary>
    public int Row(int place, int step) => layout is null ? place * steps + step : layout.Offset(step) + place;

    /// <summary>Sets the row of each step of the sequence at a place.</summary>
    public void Fill(int place, int* rows)
    {
        int length = Length(Sequence(place));
        for (int t = 0; t < length; t++) rows[t] = Row(place, t);
    }

    /// <summary>to[row] += factors[sequence] · from[row] for every row of so many features; one whose factor is 0 is left alone.</summary>
    public void AddScaled(float* from, float* factors, float* to, int features)
    {
        for (int place = 0; place < batch; place++)
        {
            int sequence = Sequence(place), length = Length(sequence);
            float factor = factors[sequence];
            if (factor == 0f) continue;
            for (int t = 0; t < length; t++)
            {
                long first = (long)Row(place, t) * features;
                for (int f = 0; f < features; f++) to[first + f] = MathF.FusedMultiplyAdd(factor, from[first + f], to[first + f]);
            }
        }
    }
}
