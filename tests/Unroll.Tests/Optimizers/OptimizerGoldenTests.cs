using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;

namespace Unroll.Tests.Optimizers;

public sealed partial class OptimizerGoldenTests
{
    private const double Tolerance = 5e-6;

    public static TheoryData<string, bool> Files()
    {
        var files = new TheoryData<string, bool>();
        foreach (string name in GoldenFiles.Names("optimizer_"))
        {
            files.Add(name, false);
            files.Add(name, true);
        }
        return files;
    }

    [Fact]
    public void Golden_files_of_every_optimizer_are_there() =>
        Assert.Superset(
            new HashSet<string>(Optimizer.Names),
            GoldenFiles.Names("optimizer_").Select(name => name.Split('_')[1]).ToHashSet());

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_steps_are_reproduced(string name, bool panels)
    {
        GoldenFile file = GoldenFiles.Open(name);
        Dictionary<string, string> constants = Constants(file.Metadata("defaults")!);
        Optimizer optimizer = Make(name.Split('_')[1], constants);
        var shape = new Shape(file.Shape("w0"));
        Parameter parameter = panels
            ? new Parameter("w", shape, new PanelLayout(shape[0], 1, shape[1]))
            : new Parameter("w", shape);
        Assert.Equal(panels, parameter.StorageLength > parameter.Count);
        parameter.Set(file.Floats("w0"));

        int steps = file.Tensors.Count(tensor => tensor.StartsWith("grad.", StringComparison.Ordinal));
        Assert.True(steps >= 10);
        for (int step = 0; step < steps; step++)
        {
            TestGradients.Set(parameter, file.Floats(Invariant($"grad.{step}")));
            optimizer.Step([parameter]);
            float[] expected = file.Floats(Invariant($"w.{step + 1}")), actual = parameter.ToArray();
            double bound = Tolerance * expected.Max(MathF.Abs);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, Invariant($"{name} step {step} element {i}: expected {expected[i]}, received {actual[i]}, bound {bound}"));
        }
        Assert.Equal(0, TestGradients.Padding(parameter).Count(x => x != 0));
    }

    private static Optimizer Make(string kind, Dictionary<string, string> constants)
    {
        double Number(string key)
        {
            Assert.True(constants.Remove(key, out string? value), $"{kind} has no {key}");
            return double.Parse(value!, CultureInfo.InvariantCulture);
        }

        bool Flag(string key) => constants.Remove(key, out string? value) && value == "True";

        float rate = (float)Number("lr");
        double decay = Number("weight_decay");
        (double Beta1, double Beta2) betas = constants.Remove("betas", out string? pair)
            ? (double.Parse(pair.Trim('(', ')').Split(',')[0], CultureInfo.InvariantCulture), double.Parse(pair.Trim('(', ')').Split(',')[1], CultureInfo.InvariantCulture))
            : (0, 0);
        Optimizer optimizer = kind switch
        {
            "sgd" => new Sgd(rate, Number("momentum"), Flag("nesterov"), decay),
            "adam" => new Adam(rate, betas.Beta1, betas.Beta2, Number("eps"), Flag("amsgrad"), decay),
            "adamw" => new AdamW(rate, decay, betas.Beta1, betas.Beta2, Number("eps"), Flag("amsgrad")),
            "rmsprop" => new RmsProp(rate, Number("alpha"), Number("momentum"), Number("eps"), Flag("centered"), decay),
            "adagrad" => new Adagrad(rate, Number("initial_accumulator_value"), Number("eps"), Number("lr_decay"), decay),
            "adadelta" => new Adadelta(rate, Number("rho"), Number("eps"), decay),
            "adamax" => new Adamax(rate, betas.Beta1, betas.Beta2, Number("eps"), decay),
            // The goldens are PyTorch 1.13's.
            "nadam" => new Nadam(rate, betas.Beta1, betas.Beta2, Number("eps"), Number("momentum_decay"), decay, repeatMomentum: true),
            "radam" => new RAdam(rate, betas.Beta1, betas.Beta2, Number("eps"), decay),
            "asgd" => new Asgd(rate, Number("lambd"), Number("alpha"), Number("t0"), decay),
            _ => throw new InvalidDataException($"No optimizer for the golden file of '{kind}'."),
        };
        // Whatever is left must be off, or the file asks for a form that we do not have.
        foreach ((string key, string value) in constants)
            Assert.True(value is "False" or "None" or "0", $"{kind}: {key} is {value}, which this test does not know");
        return optimizer;
    }

    private static Dictionary<string, string> Constants(string pythonDictionary) =>
        Entry().Matches(pythonDictionary).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    [GeneratedRegex(@"'(\w+)': (\([^)]*\)|[^,}]+)")]
    private static partial Regex Entry();

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
