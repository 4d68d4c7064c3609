using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Unroll.Autograd;
using Unroll.Losses;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;

namespace Unroll.Tests.Losses;

/// <summary>Values and gradients against PyTorch's in double precision.</summary>
[Trait(EnvironmentTests.Trait, EnvironmentTests.Small)]
public class LossGoldenTests
{
    private const double Tolerance = 5e-6;

    /// <summary>Files that <see cref="CtcLossTests"/> compares.</summary>
    private static readonly string[] s_ctc = ["loss_ctc_impossible", "loss_ctc_repeats", "loss_ctc_small"];

    private static readonly string[] s_logits =
        ["loss_cross_entropy_mean", "loss_cross_entropy_smoothed", "loss_cross_entropy_weighted"];

    private static readonly string[] s_elements =
        ["loss_mse", "loss_mae", "loss_huber", "loss_bce_with_logits", "loss_poisson", "loss_kl"];

    [Fact]
    public void Golden_files_of_losses_are_all_compared() =>
        Assert.Equal([.. s_ctc.Concat(s_logits).Concat(s_elements).Append("loss_gaussian_nll").Order(StringComparer.Ordinal)], GoldenFiles.Names("loss_"));

    [Theory]
    [InlineData("loss_cross_entropy_mean")]
    [InlineData("loss_cross_entropy_smoothed")]
    [InlineData("loss_cross_entropy_weighted")]
    public void Golden_cross_entropy_agrees_dense_and_packed(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        JsonNode? options = JsonNode.Parse(file.Metadata("options") ?? "{}");
        var loss = Loss.SparseCategoricalCrossEntropy(
            int.Parse(file.Metadata("ignore_index")!, CultureInfo.InvariantCulture),
            (float?)options?["label_smoothing"] ?? 0f,
            file.Has("weight") ? file.Floats("weight") : null);
        int[] shape = file.Shape("logits");
        Tensor targets = Tensor.FromArray(file.Floats("targets"), file.Shape("targets"));
        Check(file, "grad.logits", LossRun.Of(loss, file.Floats("logits"), shape, targets));
        int[] full = [.. Enumerable.Repeat(shape[1], shape[0])];
        Check(file, "grad.logits", LossRun.Of(loss, file.Floats("logits"), shape, targets, null, full));
    }

    [Theory]
    [InlineData("loss_mse")]
    [InlineData("loss_mae")]
    [InlineData("loss_huber")]
    [InlineData("loss_bce_with_logits")]
    [InlineData("loss_poisson")]
    [InlineData("loss_kl")]
    public void Golden_loss_of_input_and_target_agrees(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        Loss loss = name switch
        {
            "loss_mse" => Loss.MeanSquaredError(),
            "loss_mae" => Loss.MeanAbsoluteError(),
            "loss_huber" => Loss.Huber(float.Parse(Regex.Match(file.Metadata("note")!, @"delta ([0-9.]+)").Groups[1].Value, CultureInfo.InvariantCulture)),
            "loss_bce_with_logits" => Loss.BinaryCrossEntropy(),
            "loss_poisson" => Loss.PoissonNegativeLogLikelihood(),
            _ => Loss.KullbackLeiblerDivergence(),
        };
        Tensor targets = Tensor.FromArray(file.Floats("target"), file.Shape("target"));
        Check(file, "grad.input", LossRun.Of(loss, file.Floats("input"), file.Shape("input"), targets));
    }

    [Fact]
    public void Golden_gaussian_of_mean_and_variance_agrees()
    {
        GoldenFile file = GoldenFiles.Open("loss_gaussian_nll");
        var tape = new Tape();
        Tensor mean = LossRun.OnTape(tape, file.Floats("mean"), file.Shape("mean"));
        Tensor variance = LossRun.OnTape(tape, file.Floats("variance"), file.Shape("variance"));
        Tensor value = Loss.GaussianNegativeLogLikelihoodOf(mean, variance, Tensor.FromArray(file.Floats("target"), file.Shape("target")));
        tape.Backward(value);
        Check(file, "grad.mean", new LossRun(value.Item, tape.GradientOf(mean)));
        Check(file, "grad.variance", new LossRun(value.Item, tape.GradientOf(variance)));
    }

    private static void Check(GoldenFile file, string gradient, LossRun run)
    {
        LossRun.AssertClose([file.Floats("loss")[0]], [run.Value], Tolerance);
        LossRun.AssertClose([.. file.Floats(gradient).Select(value => (double)value)], run.Gradient, Tolerance);
    }
}
