using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>A cell that is fed the truth now and then, against the equations in double precision.</summary>
public sealed class JordanTeacherForcingTests
{
    private const int Batch = 5, Steps = 7, Inputs = 2, Hidden = 6, Outputs = 3;
    private const ulong Seed = 11;
    private const long TrainingStep = 40;

    private static readonly int[] s_lengths = [7, 3, 0, 5, 6];

    private static Rnn Made(TeacherForcing? forcing)
    {
        var layer = new Rnn(new JordanCell(Hidden, Outputs) { TeacherForcing = forcing }, returnSequences: true, name: "jordan");
        layer.Build(new Shape(-1, -1, Inputs + (forcing is null ? 0 : Outputs)));
        RecurrentVariant.Fill(layer);
        return layer;
    }

    private static Tensor Data(int[] sequences) => Tensor.FromArray(
        [.. sequences.SelectMany(b => RecurrentData.Numbers(Steps * (Inputs + Outputs), b + 1, 0.9))], sequences.Length, Steps, Inputs + Outputs).WithLengths([.. sequences.Select(b => s_lengths[b])]);

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(0.0)]
    public void Each_step_is_fed_the_truth_where_the_draw_says_so(double ratio)
    {
        TeacherForcing forcing = TeacherForcing.Constant(ratio);
        Rnn layer = Made(forcing);
        Tensor x = Data([0, 1, 2, 3, 4]);
        float[] output = layer.Forward(x, new Pass(new Tape(), Training: true, Seed, TrainingStep)).ToArray();
        Agreement.Close("output", Expected(layer, x, (b, t) => forcing.Forces(Seed, TrainingStep, b, t)), output, 2e-6);
    }

    [Fact]
    public void In_inference_the_truth_is_not_looked_at()
    {
        Tensor x = Data([0, 1, 2, 3, 4]);
        Rnn layer = Made(TeacherForcing.Always);
        Agreement.Close("output", Expected(layer, x, (_, _) => false), layer.Forward(x, new Pass(new Tape())).ToArray(), 2e-6);
    }

    [Fact]
    public void A_file_keeps_the_schedule()
    {
        foreach (TeacherForcing forcing in new[] { TeacherForcing.Always, TeacherForcing.Linear(0.01, 0.9, 0.2), TeacherForcing.Exponential(0.97), TeacherForcing.InverseSigmoid(30) })
        {
            var configuration = new JsonObject();
            new JordanCell(Hidden, Outputs) { TeacherForcing = forcing }.WriteConfiguration(configuration);
            JordanCell made = JordanCell.FromConfiguration(JsonNode.Parse(configuration.ToJsonString())!.AsObject());
            foreach (long step in new long[] { 0, 17, 400 }) Assert.Equal(forcing.RatioAt(step), made.TeacherForcing!.RatioAt(step));
        }
        foreach (string hostile in new[] { "[]", "{}", "[\"linear\", 1]", "[\"constant\", \"x\"]", "[3, 4]", "\"always\"" })
        {
            var configuration = new JsonObject();
            new JordanCell(Hidden, Outputs).WriteConfiguration(configuration);
            configuration["teacher_forcing"] = JsonNode.Parse(hostile);
            Assert.ThrowsAny<Exception>(() => JordanCell.FromConfiguration(configuration));
        }
    }

    [Fact]
    public void An_input_without_the_truth_is_refused()
    {
        var layer = new Rnn(new JordanCell(Hidden, Outputs) { TeacherForcing = TeacherForcing.Always });
        Assert.Contains("expected more than 3 features, an input and behind it the 3 true outputs of the step before, received 3",
            Assert.Throws<ArgumentException>(() => layer.Build(new Shape(-1, -1, Outputs))).Message, StringComparison.Ordinal);
    }

    /// <summary>y′ = tanh(x W + y U + b) V + c, with y the truth where forced.</summary>
    private static double[] Expected(Rnn layer, Tensor data, Func<int, int, bool> isForced)
    {
        // kernel, feedback_kernel, bias, output_kernel, output_bias
        float[][] p = [.. layer.Parameters.Select(parameter => parameter.ToArray())];
        float[] x = data.ToArray();
        double[] expected = new double[Batch * Steps * Outputs];
        for (int b = 0; b < Batch; b++)
        {
            double[] y = new double[Outputs];
            for (int t = 0; t < s_lengths[b]; t++)
            {
                int at = (b * Steps + t) * (Inputs + Outputs);
                double[] fed = isForced(b, t) ? [.. Enumerable.Range(0, Outputs).Select(o => (double)x[at + Inputs + o])] : y;
                double[] hidden = [.. Enumerable.Range(0, Hidden).Select(h => Math.Tanh(
                    p[2][h] + Enumerable.Range(0, Inputs).Sum(i => (double)x[at + i] * p[0][i * Hidden + h]) + Enumerable.Range(0, Outputs).Sum(o => fed[o] * p[1][o * Hidden + h])))];
                y = [.. Enumerable.Range(0, Outputs).Select(o => p[4][o] + Enumerable.Range(0, Hidden).Sum(h => hidden[h] * p[3][h * Outputs + o]))];
                y.CopyTo(expected, (b * Steps + t) * Outputs);
            }
        }
        return expected;
    }
}
