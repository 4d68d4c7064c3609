namespace Unroll.Kernels.Recurrent;

/// <summary>The fused cells, by name.</summary>
internal enum RecurrentCell
{
    SimpleTanh,
    SimpleRelu,
    SimpleSigmoid,
    SimpleLinear,

    /// <summary>A simple recurrent layer of an activation that its options name.</summary>
    SimpleOther,
    IndRnn,
    Lstm,
    PeepholeLstm,
    CoupledLstm,
    Gru,
    GruResetBefore,
}

/// <summary>Makes something of a cell's type; see <see cref="CellKernels.Accept"/>.</summary>
internal interface ICellVisitor<out TResult>
{
    TResult Visit<TCell>() where TCell : struct, ICellKernel;
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

    public abstract bool HasOwnRecurrentBias { get; }

    public abstract int UnitWeightGroups { get; }

    public abstract bool HasCarry { get; }

    public abstract bool HasSecondPhase { get; }

    /// <summary>The forward pass over all steps.</summary>
    public abstract void Forward(in PassArguments pass);

    /// <summary>The backward pass over all steps.</summary>
    public abstract void Backward(in PassArguments pass);

    /// <summary>Whether the two directions of a layer are worth a team's halves.</summary>
    public abstract bool IsPairWorthDividing(in PassArguments pass);

    /// <summary>The forward passes of both directions at once.</summary>
    public abstract void ForwardBoth(in PassArguments first, in PassArguments second);

    /// <summary>The backward passes of both directions at once, without the input's gradient, which both add to.</summary>
    public abstract void BackwardBoth(in PassArguments first, in PassArguments second);

    /// <summary>Adds the input's gradient after <see cref="BackwardBoth"/>.</summary>
    public abstract void AddInputGradient(in PassArguments pass);

    /// <summary>Hands the cell's type to who computes with it in another way.</summary>
    public abstract TResult Accept<TResult>(ICellVisitor<TResult> visitor);

    /// <summary>The kernels of a cell in its usual form.</summary>
    public static CellKernels Of(RecurrentCell cell) => s_usual[(int)cell];

    /// <summary>The kernels of a cell; those that read options where there are some.</summary>
    public static CellKernels Of(RecurrentCell cell, CellOptions? options) => options is null ? Of(cell) : s_general[(int)cell];

    private static readonly CellKernels s_simple = new Kernels<GeneralSimpleKernel>(), s_independent = new Kernels<IndependentKernel>();

    private static readonly CellKernels[] s_usual =
    [
        new Kernels<SimpleRnnKernel<SimpleTanh>>(),
        new Kernels<SimpleRnnKernel<SimpleRelu>>(),
        new Kernels<SimpleRnnKernel<SimpleSigmoid>>(),
        new Kernels<SimpleRnnKernel<SimpleLinear>>(),
        s_simple,
        s_independent,
        new Kernels<LstmKernel<PlainForm>>(),
        new Kernels<LstmKernel<PeepholeForm>>(),
        new Kernels<LstmKernel<CoupledForm>>(),
        new Kernels<GruKernel>(),
        new Kernels<GruResetBeforeKernel>(),
    ];

    private static readonly CellKernels[] s_general =
    [
        s_simple,
        s_simple,
        s_simple,
        s_simple,
        s_simple,
        s_independent,
        new Kernels<GeneralLstmKernel<PlainForm>>(),
        new Kernels<GeneralLstmKernel<PeepholeForm>>(),
        new Kernels<GeneralLstmKernel<CoupledForm>>(),
        new Kernels<GeneralGruKernel>(),
        new Kernels<GeneralGruResetBeforeKernel>(),
    ];

    private sealed unsafe class Kernels<TCell> : CellKernels where TCell : struct, ICellKernel
    {
        public override int StoredGroups => TCell.StoredGroups;

        public override int InputFirstGroup => TCell.InputFirstGroup;

        public override int InputGroups => TCell.InputGroups;

        public override int RecurrentFirstGroup => TCell.RecurrentFirstGroup;

        public override int RecurrentGroups => TCell.RecurrentGroups;

        public override bool HasOwnRecurrentBias => TCell.HasOwnRecurrentBias;

        public override int UnitWeightGroups => TCell.UnitWeightGroups;

        public override bool HasCarry => TCell.HasCarry;

        public override bool HasSecondPhase => TCell.HasSecondPhase;

        public override void Forward(in PassArguments pass) => PassWork<ForwardPass<TCell>>.Run(in pass, Barriers);

        public override void Backward(in PassArguments pass) => PassWork<BackwardPass<TCell>>.Run(in pass, Barriers);

        public override bool IsPairWorthDividing(in PassArguments pass) => PairWork<ForwardPass<TCell>>.IsWorth(in pass);

        public override void ForwardBoth(in PassArguments first, in PassArguments second) => PairWork<ForwardPass<TCell>>.Run(in first, in second);

        public override void BackwardBoth(in PassArguments first, in PassArguments second)
        {
            PassArguments one = first, other = second;
            one.InputGradient = other.InputGradient = null;
            PairWork<BackwardPass<TCell>>.Run(in one, in other);
        }

        public override void AddInputGradient(in PassArguments pass) => BackwardPass<TCell>.AddInputGradient(in pass);

        public override TResult Accept<TResult>(ICellVisitor<TResult> visitor) => visitor.Visit<TCell>();

        private static int Barriers => TCell.HasSecondPhase ? 2 : 1;
    }
}
