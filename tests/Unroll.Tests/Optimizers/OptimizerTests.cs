using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Optimizers;

public sealed class OptimizerTests
{
    private static readonly Dictionary<string, Func<Optimizer>> s_forms = new()
    {
        ["sgd"] = () => new Sgd(0.1f),
        ["sgd momentum"] = () => new Sgd(0.1f, 0.9, weightDecay: 0.1),
        ["sgd nesterov"] = () => new Sgd(0.1f, 0.9, nesterov: true),
        ["adam"] = () => new Adam(0.1f, weightDecay: 0.1),
        ["adam amsgrad"] = () => new Adam(0.1f, amsgrad: true),
        ["adamw"] = () => new AdamW(0.1f),
        ["rmsprop"] = () => new RmsProp(0.1f),
        ["rmsprop momentum"] = () => new RmsProp(0.1f, momentum: 0.9),
        ["rmsprop centered"] = () => new RmsProp(0.1f, momentum: 0.9, centered: true),
        ["adagrad"] = () => new Adagrad(0.1f, learningRateDecay: 0.1, weightDecay: 0.1),
        ["adadelta"] = () => new Adadelta(1f, weightDecay: 0.1),
        ["adamax"] = () => new Adamax(0.1f, weightDecay: 0.1),
        ["nadam"] = () => new Nadam(0.1f, weightDecay: 0.1),
        ["radam"] = () => new RAdam(0.1f, weightDecay: 0.1),
        ["asgd"] = () => new Asgd(0.1f, averageAfter: 2, weightDecay: 0.1),
    };

    public static TheoryData<string> Forms => [.. s_forms.Keys];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_width_and_number_of_threads_gives_the_same_bits(string form)
    {
        float[] At(int width, int threads)
        {
            int before = SimdWidth.Current;
            SimdWidth.Current = width;
            try
            {
                var parameter = NewParameter("w", 37, false);
                return DividedWork.On(threads, () =>
                {
                    Train(s_forms[form](), [parameter], 0, 8);
                    return parameter.ToArray();
                });
            }
            finally
            {
                SimdWidth.Current = before;
            }
        }

        float[] scalar = At(32, 1);
        foreach (int width in new[] { 32, 128, 256, 512 })
            foreach (int threads in new[] { 1, 2, 3 }) Assert.Equal(Bits(scalar), Bits(At(width, threads)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_matrix_in_panels_takes_the_same_steps_and_its_padding_stays_zero(string form)
    {
        Parameter plain = NewParameter("w", 5, false), panels = NewParameter("w", 5, true);
        Train(s_forms[form](), [plain], 0, 8);
        Train(s_forms[form](), [panels], 0, 8);
        Assert.Equal(Bits(plain.ToArray()), Bits(panels.ToArray()));
        Assert.NotEmpty(TestGradients.Padding(panels));
        Assert.All(TestGradients.Padding(panels), x => Assert.Equal(0f, x));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_step_allocates_nothing_after_the_first(string form)
    {
        Optimizer optimizer = s_forms[form]();
        Parameter[] parameters = [NewParameter("a", 5, false), NewParameter("b", 7, true)];
        for (int i = 0; i < 8; i++) optimizer.Step(parameters);
        foreach (Parameter parameter in parameters) TestGradients.Set(parameter, TestGradients.Distinct(parameter.Count));
        optimizer.Step(parameters);
        optimizer.Schedule = new CosineDecay(0.1f, 100);
        optimizer.Step(parameters);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) optimizer.Step(parameters);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Saved_and_loaded_state_continues_to_equal_bits(string form)
    {
        Parameter[] straight = [NewParameter("a", 5, false), NewParameter("b", 7, true)];
        Optimizer uninterrupted = s_forms[form]();
        Train(uninterrupted, straight, 0, 5);
        (string, float[])[] saved = [.. uninterrupted.SaveState(straight)];
        Parameter[] resumed = [NewParameter("a", 5, true), NewParameter("b", 7, false)];
        for (int i = 0; i < 2; i++) resumed[i].Set(straight[i].ToArray());

        Optimizer other = s_forms[form]();
        other.LearningRate = 0.7f;
        other.LoadState(resumed, saved.Reverse());
        Assert.Equal(5, other.Iterations);
        Assert.Equal(uninterrupted.LearningRate, other.LearningRate);
        Train(uninterrupted, straight, 5, 9);
        Train(other, resumed, 5, 9);
        for (int i = 0; i < 2; i++) Assert.Equal(Bits(straight[i].ToArray()), Bits(resumed[i].ToArray()));
        Assert.Equal(
            uninterrupted.SaveState(straight).Select(entry => (entry.Name, string.Join(' ', Bits(entry.Values)))),
            other.SaveState(resumed).Select(entry => (entry.Name, string.Join(' ', Bits(entry.Values)))));
    }

    [Fact]
    public void State_of_another_optimizer_or_model_is_refused_by_name_and_changes_nothing()
    {
        Parameter[] parameters = [NewParameter("a", 5, false)];
        var adam = new Adam(0.1f);
        Train(adam, parameters, 0, 3);
        (string Name, float[] Values)[] saved = [.. adam.SaveState(parameters)];

        var sgd = new Sgd(0.2f, 0.9);
        Assert.Contains("'a/step' has 12 numbers; expected 4 for this sgd", Assert.Throws<ArgumentException>(() => sgd.LoadState(parameters, saved)).Message, StringComparison.Ordinal);
        Assert.Equal((0, 0.2f), (sgd.Iterations, sgd.LearningRate));
        Assert.Contains("'a/moment' belongs to no parameter", Assert.Throws<ArgumentException>(() => new Adam().LoadState([NewParameter("b", 5, false)], saved)).Message, StringComparison.Ordinal);
        Assert.Contains("'a/velocity' is missing", Assert.Throws<ArgumentException>(() => new Adam().LoadState(parameters, saved.Where(entry => entry.Name != "a/velocity"))).Message, StringComparison.Ordinal);
        Assert.Contains("'a/moment' has 15 numbers; expected 21", Assert.Throws<ArgumentException>(() => new Adam().LoadState([NewParameter("a", 7, false)], saved)).Message, StringComparison.Ordinal);
        Assert.Contains("two parameters are named 'a'", Assert.Throws<ArgumentException>(() => adam.SaveState([parameters[0], NewParameter("a", 5, false)])).Message, StringComparison.Ordinal);
        saved.Single(entry => entry.Name == "a/step").Values[2] = 0.5f;
        Assert.Contains("'a/step' holds 0.5; expected whole numbers", Assert.Throws<ArgumentException>(() => new Adam().LoadState(parameters, saved)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_parameters_and_those_without_a_gradient_are_left_alone_and_gradients_are_cleared()
    {
        Parameter trained = NewParameter("a", 5, false), frozen = NewParameter("b", 5, false), unreached = NewParameter("c", 5, false);
        float[] start = trained.ToArray();
        foreach (Parameter parameter in new[] { trained, frozen }) TestGradients.Set(parameter, TestGradients.Distinct(parameter.Count));
        frozen.Trainable = false;
        long version = trained.Version, frozenVersion = frozen.Version;
        var optimizer = new Sgd(0.5f, weightDecay: 0.5);
        optimizer.Step([trained, frozen, unreached, trained]);
        float[] gradient = TestGradients.Distinct(trained.Count);
        Assert.Equal(start.Select((w, i) => w - 0.5f * MathF.FusedMultiplyAdd(0.5f, w, gradient[i])), trained.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal(start, frozen.ToArray());
        Assert.Equal(start, unreached.ToArray());
        Assert.False(unreached.HasGradients);
        Assert.All(trained.GradientToArray().Concat(frozen.GradientToArray()), x => Assert.Equal(0f, x));
        Assert.Equal((version + 1, frozenVersion, 1), (trained.Version, frozen.Version, optimizer.Iterations));
    }

    [Fact]
    public void A_schedule_sets_the_rate_of_each_step()
    {
        Parameter parameter = NewParameter("a", 1, false);
        parameter.Set(new float[parameter.Count]);
        var optimizer = new Sgd(9f) { Schedule = new StepDecay(1f, every: 2, factor: 0.5) };
        var rates = new List<float>();
        for (int i = 0; i < 5; i++)
        {
            float before = parameter.ToArray()[0];
            TestGradients.Set(parameter, [1, 0, 0]);
            optimizer.Step([parameter]);
            rates.Add(before - parameter.ToArray()[0]);
        }
        Assert.Equal([1f, 1f, 0.5f, 0.5f, 0.25f], rates);
    }

    [Fact]
    public void Weight_decay_is_L2_in_Adam_and_decoupled_in_AdamW()
    {
        // One step from m = v = 0 moves by η·sign(g): L2 decay can only change the sign, decoupled decay always pulls.
        var l2 = new Parameter("a", new Shape(1));
        var decoupled = new Parameter("b", new Shape(1));
        foreach (Parameter parameter in new[] { l2, decoupled })
        {
            parameter.Set([10f]);
            TestGradients.Set(parameter, [-1f]);
        }
        new Adam(0.01f, weightDecay: 0.5).Step([l2]);
        new AdamW(0.01f, weightDecay: 0.5).Step([decoupled]);
        Assert.Equal(9.99f, l2.ToArray()[0], 5e-6f);
        Assert.Equal(9.95f + 0.01f, decoupled.ToArray()[0], 5e-6f);
    }

    [Fact]
    public void AMSGrad_divides_by_the_largest_average_of_squares_where_Adam_forgets_it()
    {
        // The golden file's averages only grow, so that it cannot tell the two apart; here one large gradient comes first.
        var parameter = new Parameter("a", new Shape(1));
        parameter.Set([1f]);
        var optimizer = new Adam(0.1f, beta2: 0.5, amsgrad: true);
        double w = 1, m = 0, v = 0, largest = 0, power1 = 1, power2 = 1;
        foreach (float gradient in new[] { 4f, 0.25f, 0.125f, -0.5f, 0.25f })
        {
            TestGradients.Set(parameter, [gradient]);
            optimizer.Step([parameter]);
            m = 0.9 * m + 0.1 * gradient;
            v = 0.5 * v + 0.5 * gradient * gradient;
            largest = Math.Max(largest, v);
            power1 *= 0.9;
            power2 *= 0.5;
            w -= 0.1 / (1 - power1) * m / (Math.Sqrt(largest / (1 - power2)) + 1e-7);
            Assert.Equal(w, parameter.ToArray()[0], 1e-6);
        }
    }

    [Fact]
    public void Averaged_descent_gives_the_mean_of_later_weights()
    {
        var parameter = new Parameter("a", new Shape(1));
        parameter.Set([1f]);
        var optimizer = new Asgd(1f, lambda: 0, averageAfter: 1);
        Assert.Equal([1f], optimizer.AverageOf(parameter));
        // w = 2, 4, 8, 16: updates 1 to 3 copy (t − 1 − t0 ≤ 1), update 4 takes half.
        foreach (float gradient in new[] { -1f, -2f, -4f, -8f })
        {
            TestGradients.Set(parameter, [gradient]);
            optimizer.Step([parameter]);
        }
        Assert.Equal([16f], parameter.ToArray());
        Assert.Equal([12f], optimizer.AverageOf(parameter));
    }

    [Fact]
    public void Every_name_makes_the_optimizer_of_that_name_with_Keras_defaults()
    {
        Assert.Equal(10, Optimizer.Names.Count);
        foreach (string name in Optimizer.Names) Assert.Equal(name, Optimizer.FromName(name.ToUpperInvariant()).Name);
        Assert.Equal(0.01f, Optimizer.FromName("sgd").LearningRate);
        Assert.Equal(1e-7, Assert.IsType<Adam>(Optimizer.FromName("adam")).Epsilon);
        Assert.Equal(0.9, Assert.IsType<RmsProp>(Optimizer.FromName("rmsprop")).Rho);
        Assert.Equal(0.1, Assert.IsType<Adagrad>(Optimizer.FromName("adagrad")).InitialAccumulator);
        Assert.Equal(0.004, Optimizer.FromName("adamw").WeightDecay);
        Assert.Contains("'lion' is not known; expected one of: adadelta, adagrad, adam,", Assert.Throws<ArgumentException>(() => Optimizer.FromName("lion")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(-1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(momentum: 1));
        Assert.Throws<ArgumentException>(() => new Sgd(nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(epsilon: 1e-60));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(weightDecay: -0.1));
    }

    private static Parameter NewParameter(string name, int columns, bool panels)
    {
        var parameter = new Parameter(name, new Shape(3, columns), panels ? new PanelLayout(3, 1, columns) : null);
        parameter.Set(TestGradients.Distinct(3 * columns, 0.9));
        return parameter;
    }

    private static void Train(Optimizer optimizer, Parameter[] parameters, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            foreach (Parameter parameter in parameters) TestGradients.Set(parameter, TestGradients.Distinct(parameter.Count, 1.7 + step));
            optimizer.Step(parameters);
        }
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
