using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Optimizers;

/// <summary>
/// One optimiser's arithmetic for one element, written for any vector width. A struct; its fields are the step's
/// constants. A value, gradient and slots of zero must leave the value zero, for padding is updated too.
/// </summary>
internal interface IUpdateRule
{
    /// <summary>How many of the slots are read and written: 0 to 3.</summary>
    static abstract int Slots { get; }

    /// <summary>Changes the value and the slots from the gradient.</summary>
    void Of<TSimd, TVector>(TVector gradient, ref TVector value, ref TVector first, ref TVector second, ref TVector third)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// The one pass that every optimiser makes over a parameter's memory: reads value, gradient and slots once, adds the
/// L2 weight decay, applies the rule, and writes them back with the gradient cleared. Large ones are shared by threads.
/// </summary>
internal static unsafe class Update
{
    /// <summary>Threads part at a multiple of a cache line.</summary>
    private const int Unit = 16;

    /// <param name="rule">The optimiser's arithmetic.</param>
    /// <param name="scale">What the gradient is multiplied with first.</param>
    /// <param name="weightDecay">λ of the L2 form: the gradient becomes g + λ·value; 0 for none.</param>
    /// <param name="values">Updated.</param>
    /// <param name="gradients">Read, then zero.</param>
    /// <param name="first">The rule's first slot; null if it has none.</param>
    /// <param name="second">The second.</param>
    /// <param name="third">The third.</param>
    /// <param name="length">Floats in each, padding included.</param>
    public static void Run<TRule>(TRule rule, float scale, float weightDecay, float* values, float* gradients, float* first, float* second, float* third, int length)
        where TRule : struct, IUpdateRule =>
        TeamKernel.Run<Kernel<TRule>, Arguments<TRule>>(
            new Arguments<TRule>(rule, scale, weightDecay, values, gradients, first, second, third), length, Unit, length * 2 * TeamKernel.OperationsOfElement);

    private readonly struct Arguments<TRule>(TRule rule, float scale, float weightDecay, float* values, float* gradients, float* first, float* second, float* third)
    {
        public readonly TRule Rule = rule;
        public readonly float Scale = scale, WeightDecay = weightDecay;
        public readonly float* Values = values, Gradients = gradients, First = first, Second = second, Third = third;
    }

    private readonly struct Kernel<TRule> : ISimdKernel<Share<Arguments<TRule>>> where TRule : struct, IUpdateRule
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments<TRule>> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int whole = share.End - (share.End - share.First) % TSimd.Lanes;
            Part<TSimd, TVector>(in share.Arguments, share.First, whole);
            if (whole < share.End) Part<SimdScalar, float>(in share.Arguments, whole, share.End);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Part<TSimd, TVector>(in Arguments<TRule> arguments, int start, int end)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TRule rule = arguments.Rule;
            bool decays = arguments.WeightDecay != 0;
            TVector scale = TSimd.Broadcast(arguments.Scale), decay = TSimd.Broadcast(arguments.WeightDecay);
            float* values = arguments.Values, gradients = arguments.Gradients;
            float* firsts = arguments.First, seconds = arguments.Second, thirds = arguments.Third;
            for (int i = start; i < end; i += TSimd.Lanes)
            {
                TVector value = TSimd.Load(values + i), gradient = TSimd.Multiply(scale, TSimd.Load(gradients + i));
                TVector first = TSimd.Zero, second = TSimd.Zero, third = TSimd.Zero;
                if (TRule.Slots > 0) first = TSimd.Load(firsts + i);
                if (TRule.Slots > 1) second = TSimd.Load(seconds + i);
                if (TRule.Slots > 2) third = TSimd.Load(thirds + i);
                if (decays) gradient = TSimd.MultiplyAdd(decay, value, gradient);
                rule.Of<TSimd, TVector>(gradient, ref value, ref first, ref second, ref third);
                TSimd.Store(value, values + i);
                TSimd.Store(TSimd.Zero, gradients + i);
                if (TRule.Slots > 0) TSimd.Store(first, firsts + i);
                if (TRule.Slots > 1) TSimd.Store(second, seconds + i);
                if (TRule.Slots > 2) TSimd.Store(third, thirds + i);
            }
        }
    }
}
