namespace Unroll.Kernels.Activations;

/// <summary>The activations of single numbers as values, for kernels that choose at run time.</summary>
internal enum ActivationKind
{
    Linear,
    Sigmoid,
    Tanh,
    Relu,
    LeakyRelu,
    Elu,
    Selu,
    Softplus,
    Softsign,
    Gelu,
    GeluTanh,
    Silu,
    HardSigmoid,
    HardTanh,
    Mish,
}

/// <summary>Does something with an activation's type.</summary>
internal interface IActivationVisitor
{
    void Visit<TKernel>() where TKernel : struct, IActivationKernel;
}

/// <summary>From an activation as a value to its type.</summary>
internal static class ActivationKinds
{
    /// <summary>Whether the slope follows from the value; see <see cref="IActivationKernel.GradientFromOutput"/>.</summary>
    public static bool GradientFromOutput(this ActivationKind kind)
    {
        var question = new Question();
        kind.Visit(ref question);
        return question.Answer;
    }

    /// <summary>Calls the visitor with the activation's type.</summary>
    public static void Visit<TVisitor>(this ActivationKind kind, ref TVisitor visitor) where TVisitor : struct, IActivationVisitor
    {
        switch (kind)
        {
            case ActivationKind.Linear: visitor.Visit<LinearKernel>(); break;
            case ActivationKind.Sigmoid: visitor.Visit<SigmoidKernel>(); break;
            case ActivationKind.Tanh: visitor.Visit<TanhKernel>(); break;
            case ActivationKind.Relu: visitor.Visit<ReluKernel>(); break;
            case ActivationKind.LeakyRelu: visitor.Visit<LeakyReluKernel>(); break;
            case ActivationKind.Elu: visitor.Visit<EluKernel>(); break;
            case ActivationKind.Selu: visitor.Visit<SeluKernel>(); break;
            case ActivationKind.Softplus: visitor.Visit<SoftplusKernel>(); break;
            case ActivationKind.Softsign: visitor.Visit<SoftsignKernel>(); break;
            case ActivationKind.Gelu: visitor.Visit<GeluKernel>(); break;
            case ActivationKind.GeluTanh: visitor.Visit<GeluTanhKernel>(); break;
            case ActivationKind.Silu: visitor.Visit<SiluKernel>(); break;
            case ActivationKind.HardSigmoid: visitor.Visit<HardSigmoidKernel>(); break;
            case ActivationKind.HardTanh: visitor.Visit<HardTanhKernel>(); break;
            case ActivationKind.Mish: visitor.Visit<MishKernel>(); break;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such activation.");
        }
    }

    private struct Question : IActivationVisitor
    {
        public bool Answer;

        public void Visit<TKernel>() where TKernel : struct, IActivationKernel => Answer = TKernel.GradientFromOutput;
    }
}
