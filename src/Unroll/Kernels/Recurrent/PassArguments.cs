using Unroll.Kernels.Layouts;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// A whole pass of one layer in one direction: its sweep, and the products over all rows of a chunk of time that go before
/// it (forward) or follow it (backward) while the chunk's gates are in cache. Null pointers are not computed.
/// </summary>
internal unsafe struct PassArguments
{
    public SweepArguments Sweep;

    /// <summary>Steps of a chunk of time.</summary>
    public int StepsPerChunk;

    /// <summary>The layer's input, packed rows of I floats.</summary>
    public float* Input;

    /// <summary>Layout of the input weights [I, G · H].</summary>
    public PanelLayout InputLayout;
    public float* InputWeights;

    /// <summary>What the input product begins with, in storage order, or null for zeros.</summary>
    public float* InputBias;

    /// <summary>What the inputs are rows of, or null where they are numbers of their own.</summary>
    public InputTable Table;

    /// <summary>The memory of a training pass that keeps a chunk of time and recomputes the others, or null where all are kept.</summary>
    public ChunkMemory Chunk;

    // What only the backward pass needs: where gradients are added.

    public PanelLayout TransposedInputLayout;
    public float* TransposedInputWeights;
    public float* InputGradient;

    /// <summary>Whether the input's gradient holds a part already; otherwise it is written.</summary>
    public bool AddsToInputGradient;
    public float* InputWeightsGradient, InputBiasGradient;
    public float* RecurrentWeightsGradient, RecurrentBiasGradient;
    public float* UnitWeightsGradient;

    /// <summary>Which of the threads that share this pass computes, and what they divide.</summary>
    public TeamMember Member;
    public SweepDivisionKind Division;

    /// <summary>The layout of the product that counts for dividing: the recurrent one's, where there is one.</summary>
    public readonly PanelLayout MainLayout => Sweep.Layout.Rows > 1 ? Sweep.Layout : InputLayout;

    /// <summary>How many chunks the sequence has.</summary>
    public readonly int Chunks => (Sweep.Sequence.Steps + StepsPerChunk - 1) / StepsPerChunk;

    /// <summary>Sets the sweep's steps to the i-th chunk in the order in which the recurrence visits them.</summary>
    public void Select(int i)
    {
        Sweep.FirstStep = StepsPerChunk * (Sweep.Reverse ? Chunks - 1 - i : i);
        Sweep.EndStep = Math.Min(Sweep.FirstStep + StepsPerChunk, Sweep.Sequence.Steps);
    }

    /// <summary>Gives a thread its rows or its units.</summary>
    public void Divide(TeamMember member, SweepDivisionKind kind)
    {
        (Member, Division) = (member, kind);
        (Sweep.FirstRow, Sweep.EndRow, Sweep.FirstBlock, Sweep.EndBlock) = (0, Sweep.Sequence.Batch, 0, Sweep.BlockCount);
        Sweep.StepMember = TeamMember.Alone;
        if (kind == SweepDivisionKind.Units)
        {
            (Sweep.FirstBlock, Sweep.EndBlock) = TeamParts.Range(member.Part, member.Parts, Sweep.BlockCount, 1);
            Sweep.StepMember = member;
        }
        else
        {
            Sweep.FirstRow = SweepDivision.Boundary(Sweep.Sequence, member.Part, member.Parts);
            Sweep.EndRow = SweepDivision.Boundary(Sweep.Sequence, member.Part + 1, member.Parts);
        }
    }
}
