using Unroll.Basics;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Bench.LongRange;

/// <summary>A task whose answer lies many steps back, with sequences drawn without end.</summary>
internal abstract class LongRangeTask
{
    /// <summary>What results call it.</summary>
    public abstract string Name { get; }

    /// <summary>The loss of who sees no further back than a few steps, and what is called solved.</summary>
    public abstract double Baseline { get; }

    public abstract double Solved { get; }

    /// <summary>The longest lag that matters, in steps.</summary>
    public abstract int Lag { get; }

    /// <summary>Numbers of a step.</summary>
    public abstract int Inputs { get; }

    /// <summary>Numbers of an answer.</summary>
    public abstract int Outputs { get; }

    /// <summary>Whether there is an answer at every step.</summary>
    public virtual bool EveryStep => false;

    public abstract Loss Loss { get; }

    /// <summary>Draws sequences and their answers: the same for the same stream.</summary>
    public abstract (Tensor Inputs, Tensor Targets) Draw(int count, RandomStream draws);
}
