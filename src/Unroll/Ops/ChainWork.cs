using Unroll.Autograd;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Threading;

namespace Unroll.Ops;

/// <summary>The sums over paths of a batch of sequences, divided among threads by sequence.</summary>
internal unsafe struct ChainWork : ITeamWork
{
    public readonly int Parts, Tags;
    public readonly ChainScores Scores;

    /// <summary>[B].</summary>
    public readonly double* LogPartitions;

    /// <summary>[rows, Tags], or null.</summary>
    public float* Marginals;

    /// <summary>[B, Tags, Tags], or null: expected transitions of each sequence.</summary>
    public float* Transitions;

    private readonly SequenceRows _sequences;
    private readonly float* _emissions, _scratch;
    private readonly int* _rows;

    public ChainWork(Tape tape, SequenceRows sequences, float* emissions, ChainScores scores, int tags, int rows)
    {
        int batch = sequences.Batch;
        Parts = Math.Min(TeamParts.For(60.0 * rows * tags * ChainScores.Width(tags)), Math.Max(1, batch));
        Tags = tags;
        Scores = scores;
        LogPartitions = (double*)tape.Scratch(2L * batch);
        _sequences = sequences;
        _emissions = emissions;
        _scratch = tape.Scratch(Parts * ChainLattice.ScratchLength(sequences.Steps, tags));
        _rows = (int*)tape.Scratch((long)Parts * sequences.Steps);
    }

    public readonly void Part(int part, int parts)
    {
        (int first, int end) = TeamParts.Range(part, parts, _sequences.Batch, 1);
        for (int place = first; place < end; place++)
        {
            int b = _sequences.Sequence(place);
            var chain = new ChainLattice.Arguments
            {
                Rows = _rows + (long)part * _sequences.Steps,
                Steps = _sequences.Length(b),
                Tags = Tags,
                Emissions = _emissions,
                Scores = Scores,
                Marginals = Marginals,
                Transitions = Transitions is null ? null : Transitions + (long)b * Tags * Tags,
                Scratch = _scratch + part * ChainLattice.ScratchLength(_sequences.Steps, Tags),
                LogPartition = LogPartitions + b,
            };
            if (chain.Steps == 0) continue;
            _sequences.Fill(place, chain.Rows);
            ChainLattice.Run(in chain);
        }
    }
}
