using System.Globalization;
using Unroll.Cli.Bench;

namespace Unroll.Bench.Comparison;

/// <summary>The libraries that can be measured, and how each is started at its fastest (bench/README.md says why so).</summary>
/// <param name="Peers">The folder of the peers' programs.</param>
/// <param name="Scratch">A folder for what is built on the way.</param>
/// <param name="ShapesFile">The shapes in JSON.</param>
/// <param name="Seconds">How long each figure is measured.</param>
internal sealed record Libraries(string Peers, string Scratch, string ShapesFile, double Seconds)
{
    private static readonly Dictionary<string, string?> s_plain = [];

    private string Time => Seconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>Debian's Python, which has PyTorch: another may come first in the path.</summary>
    public static string Python { get; } = Environment.GetEnvironmentVariable("UNROLL_BENCH_PYTHON") is { Length: > 0 } given ? given : File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>The command line of this build.</summary>
    public static IReadOnlyList<string> Cli { get; } = [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Unroll.Cli.dll")];

    /// <summary>What PyTorch's idle threads may do; one thread has none that wait.</summary>
    public static IReadOnlyList<string> TorchWaits(int threads) => threads == 1 ? ["passive"] : ["passive", "active"];

    public Library Unroll(string? simd = null) => new()
    {
        Name = "Unroll",
        Command = (threads, _, result) => [.. Cli, "bench", "--shapes", ShapesFile, "--threads", Number(threads), "--seconds", Time, "--json", result],
        Environment = _ => simd is null ? s_plain : new Dictionary<string, string?> { ["UNROLL_SIMD"] = simd },
        Shown = $"{(simd is null ? "" : $"UNROLL_SIMD={simd} ")}unroll bench --shapes shapes.json --threads N --seconds {Time} --json out.json",
    };

    public Library PyTorch(CancellationToken cancel) => new()
    {
        Name = "PyTorch",
        Absent = Missing([Python, "-c", "import torch"], "apt-get install python3-torch libopenblas0-openmp, and that BLAS chosen with update-alternatives", cancel),
        Command = (threads, wait, result) => [Python, Path.Combine(Peers, "torch_recurrent.py"), ShapesFile, "--threads", Number(threads), "--seconds", Time, "--wait", wait, "--json", result],
        Settings = TorchWaits,
        Shown = $"bench/peers/torch_recurrent.py shapes.json --threads N --seconds {Time} --json out.json   (on two threads with --wait passive and active)",
    };

    public Library OnnxRuntime(CancellationToken cancel)
    {
        string own = Path.Combine(Peers, "node_modules", "onnxruntime-node"), models = Path.Combine(Scratch, "models");
        string package = Environment.GetEnvironmentVariable("ONNXRUNTIME_NODE") is { Length: > 0 } given ? given : Directory.Exists(own) ? own : "onnxruntime-node";
        var environment = new Dictionary<string, string?> { ["ONNXRUNTIME_NODE"] = package };
        string? absent = Missing(["node", "-e", $"require({System.Text.Json.JsonSerializer.Serialize(package)})"], "npm install --ignore-scripts onnxruntime-node, with its folder in ONNXRUNTIME_NODE", cancel)
            ?? Missing([Python, "-c", "import onnx"], "apt-get install python3-onnx", cancel);
        if (absent is null)
        {
            Directory.CreateDirectory(models);
            ChildProcess.Run([Python, Path.Combine(Peers, "onnx_models.py"), ShapesFile, models], s_plain, cancel);
        }
        return new Library
        {
            Name = "ONNX Runtime",
            Absent = absent,
            Command = (threads, _, result) => ["node", Path.Combine(Peers, "onnxruntime_recurrent.js"), ShapesFile, models, Number(threads), Time, result],
            Environment = _ => environment,
            Shown = $"bench/peers/onnx_models.py shapes.json models; node bench/peers/onnxruntime_recurrent.js shapes.json models N {Time} out.json",
        };
    }

    public Library OneDnn(IEnumerable<BenchShape> shapes, CancellationToken cancel)
    {
        string program = Path.Combine(Scratch, "onednn_recurrent"), list = Path.Combine(Scratch, "shapes.txt");
        string? absent = Missing(["g++", "-std=c++17", "-O2", Path.Combine(Peers, "onednn_recurrent.cpp"), "-o", program, "-ldnnl"], "apt-get install libdnnl-dev g++ (oneDNN 2)", cancel);
        File.WriteAllLines(list, shapes.Where(Fits).Select(shape => string.Create(CultureInfo.InvariantCulture,
            $"{shape.Name} {shape.Cell} {shape.Batch} {shape.Steps} {shape.Inputs} {shape.Units} {shape.Layers} {(shape.Bidirectional ? 2 : 1)}")));
        return new Library
        {
            Name = "oneDNN",
            Absent = absent,
            Command = (threads, _, result) => [program, list, Number(threads), Time, result],
            Environment = threads => new Dictionary<string, string?> { ["OMP_NUM_THREADS"] = Number(threads), ["OMP_WAIT_POLICY"] = null },
            Shown = $"OMP_NUM_THREADS=N onednn_recurrent shapes.txt N {Time} out.json   (g++ -std=c++17 -O2 bench/peers/onednn_recurrent.cpp -ldnnl)",
        };
    }

    /// <summary>Whether oneDNN's primitives take a shape: sequences of one length, and every layer as wide as its input.</summary>
    public static bool Fits(BenchShape shape) =>
        !shape.Ragged && (shape.Layers == 1 || (shape.Inputs == shape.Units && !shape.Bidirectional)) && !shape.Name.Any(char.IsWhiteSpace);

    private static string? Missing(IReadOnlyList<string> probe, string remedy, CancellationToken cancel)
    {
        try
        {
            ChildProcess.Run(probe, s_plain, cancel);
            return null;
        }
        catch (ChildFailedException cause)
        {
            return $"{cause.Message}. Install it with bench/peers/install, or: {remedy}.";
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
