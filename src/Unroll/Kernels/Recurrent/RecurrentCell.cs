using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>The fused cells, by name.</summary>
internal enum RecurrentCell
{
    SimpleTanh,
    SimpleRelu,
    SimpleSigmoid,
    SimpleLinear,
    Lstm,
    PeepholeLstm,
    Gru,
    GruResetBefore,
}

/// <summary>A cell's constants as values, and its sweeps.</summary>
internal abstract class CellKernels
{
    /// <summary>Groups that the gates' buffer keeps for 16 units.</summary>
    public abstract int StoredGroups { get; }

    public abstract int InputFirstGroup { get; }

    public abstract int InputGroups { get; }

    public abstract int RecurrentFirstGroup { get; }

    public abstract int RecurrentGroups { get; }

    public abstract bool HasCarry { get; }

    public abstract bool HasSecondPhase { get; }

    public abstract void Forward(in SweepArguments sweep);

    public abstract void Backward(in SweepArguments sweep);

    /// <summary>The kernels of a cell.</summary>
    public static CellKernels Of(RecurrentCell cell) => s_all[(int)cell];

    private static readonly CellKernels[] s_all =
    [
        new Kernels<SimpleRnnKernel<SimpleTanh>>(),
        new Kernels<SimpleRnnKernel<SimpleRelu>>(),
        new Kernels<SimpleRnnKernel<SimpleSigmoid>>(),
        new Kernels<SimpleRnnKernel<SimpleLinear>>(),
        new Kernels<LstmKernel<WithoutPeepholes>>(),
        new Kernels<LstmKernel<WithPeepholes>>(),
        new Kernels<GruKernel>(),
        new Kernels<GruResetBeforeKernel>(),
    ];

    private sealed class Kernels<TCell> : CellKernels where TCell : struct, ICellKernel
    {
        public override int StoredGroups => TCell.StoredGroups;

        public override int InputFirstGroup => TCell.InputFirstGroup;

        public override int InputGroups => TCell.InputGroups;

        public override int RecurrentFirstGroup => TCell.RecurrentFirstGroup;

        public override int RecurrentGroups => TCell.RecurrentGroups;

        public override bool HasCarry => TCell.HasCarry;

        public override bool HasSecondPhase => TCell.HasSecondPhase;

        public override void Forward(in SweepArguments sweep) =>
            ThreadTeam.Run(new SweepWork<ForwardSweep<TCell>>(in sweep), SweepParts.For(in sweep));

        public override void Backward(in SweepArguments sweep) =>
            ThreadTeam.Run(new SweepWork<BackwardSweep<TCell>>(in sweep), SweepParts.For(in sweep));
    }
}
