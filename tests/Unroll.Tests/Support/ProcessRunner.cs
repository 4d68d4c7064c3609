using System.Diagnostics;

namespace Unroll.Tests.Support;

/// <summary>What a process returned and wrote.</summary>
internal sealed record ProcessOutcome(int ExitCode, string Output, string Error);

/// <summary>Runs the built command line as a user would, in a process of its own.</summary>
internal static class ProcessRunner
{
    private static readonly string Folder = AppContext.BaseDirectory;

    /// <summary>The built command line's assembly, in the tests' output folder.</summary>
    public static string CliPath => Path.Combine(Folder, "Unroll.Cli.dll");

    /// <summary>Runs the command line with these arguments and waits for its end.</summary>
    public static ProcessOutcome Unroll(params string[] arguments) => Unroll(null, null, arguments);

    /// <summary>Runs the command line in a working folder and with environment variables (null removes one).</summary>
    public static ProcessOutcome Unroll(string? workingFolder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using Process process = Start(workingFolder, environment, arguments);
        return Outcome(process, $"unroll {string.Join(' ', arguments)}");
    }

    /// <summary>Runs those of these tests that a filter names, in another environment.</summary>
    public static ProcessOutcome Tests(string filter, IReadOnlyDictionary<string, string?> environment)
    {
        using Process process = StartDotnet(null, environment, ["vstest", Path.Combine(Folder, "Unroll.Tests.dll"), $"--TestCaseFilter:{filter}"]);
        return Outcome(process, $"dotnet vstest with the filter {filter}");
    }

    private static ProcessOutcome Outcome(Process process, string command)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} did not end within three minutes. It wrote: {output.Result}{error.Result}");
        }
        process.WaitForExit(); // both streams read to their end
        return new ProcessOutcome(process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"));
    }

    /// <summary>Starts the command line with redirected streams, for tests that end it early; the caller disposes of it.</summary>
    public static Process Start(string? workingFolder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        string settings = Path.ChangeExtension(CliPath, ".runtimeconfig.json");
        foreach (string file in new[] { CliPath, settings })
            if (!File.Exists(file)) throw new FileNotFoundException($"{file}: expected the built command line beside the tests. Build the solution.");
        return StartDotnet(workingFolder, environment, ["exec", "--runtimeconfig", settings, CliPath, .. arguments]);
    }

    private static Process StartDotnet(string? workingFolder, IReadOnlyDictionary<string, string?>? environment, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? Folder,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
    }
}
