using System.Globalization;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Forecasting;

/// <summary>What a user can get wrong, through the built command line: one line each, and the exit code.</summary>
public class BadInputTests(AirlineRun run) : IClassFixture<AirlineRun>
{
    private static string Rows(int count, Func<int, string> value) =>
        "day,y\n" + string.Concat(Enumerable.Range(0, count).Select(t => string.Create(CultureInfo.InvariantCulture, $"{new DateTime(2024, 1, 1).AddDays(t):yyyy-MM-dd},{value(t)}\n")));

    private static string Wave(int t) => (10 + t % 7).ToString(CultureInfo.InvariantCulture);

    public static TheoryData<string, string, string> Files() => new()
    {
        { "empty", "", "FILE: the file is empty. Expected a header line with column names, then rows of values." },
        { "header only", "day,y\n", "FILE: expected rows of values below the header, found the header alone (2 columns). Add the values." },
        { "one row", "day,y\n2024-01-01,5\n", "FILE: expected at least 2 rows of values, found 1 (line 2). Give more rows." },
        { "text", "day,y\n2024-01-01,5\n2024-01-02,many\n", "FILE, line 3, column 'y': expected a number, found 'many'. Correct the cell, or leave it empty if the value is missing." },
        { "no target", "day,sales\n2024-01-01,5\n2024-01-02,6\n", "FILE: no target column 'y'. The columns are 'day', 'sales'. Choose one of them." },
        { "ragged", "day,y\n2024-01-01,5\n2024-01-02,6,7\n", "FILE, line 3: expected 2 cells as in the header, found 3. Add or remove cells, or put quotes around a cell that holds a comma." },
        { "nan", "day,y\n2024-01-01,5\n2024-01-02,NaN\n", "FILE, line 3, column 'y': expected a number, found 'NaN'. Fill the cell in, or choose how missing values are treated." },
        { "infinity", "day,y\n2024-01-01,5\n2024-01-02,inf\n", "FILE, line 3, column 'y': expected a finite number below 3.4e38, found 'inf'. Correct the cell, or leave it empty if the value is missing." },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_wrong_file_is_one_line_with_its_place_and_exit_code_1(string name, string content, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(name + ".csv", content);
        ProcessOutcome outcome = ProcessRunner.Unroll("train", "forecast", path, "--target", "y", "--horizon", "2", "--out", folder["run"]);
        Assert.Equal(new ProcessOutcome(1, "", "error: " + expected.Replace("FILE", path, StringComparison.Ordinal) + "\n"), outcome);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_series_too_short_or_constant_is_refused_by_its_name()
    {
        using var folder = new TemporaryFolder();
        string brief = folder.Write("short.csv", Rows(6, Wave)), constant = folder.Write("constant.csv", Rows(80, _ => "5"));
        ProcessOutcome tooShort = ProcessRunner.Unroll("train", "forecast", brief, "--target", "y", "--horizon", "3", "--input-length", "10", "--test", "0", "--out", folder["a"]);
        Assert.Equal(1, tooShort.ExitCode);
        Assert.StartsWith($"error: {brief}: Series 'y': 6 rows are too few; a horizon of 3 and an input length of 10 need at least ", tooShort.Error, StringComparison.Ordinal);
        ProcessOutcome held = ProcessRunner.Unroll("train", "forecast", brief, "--target", "y", "--horizon", "6", "--out", folder["a"]);
        Assert.Equal((1, $"error: {brief}, series 'y': expected more rows than the 6 rows held out for the test, found 6. Give more rows, a smaller --test, or a shorter --horizon.\n"), (held.ExitCode, held.Error));
        ProcessOutcome flat = ProcessRunner.Unroll("train", "forecast", constant, "--target", "y", "--horizon", "3", "--out", folder["b"]);
        Assert.Equal(1, flat.ExitCode);
        Assert.StartsWith($"error: {constant}: Series 'y': every training row is 5;", flat.Error, StringComparison.Ordinal);
        Assert.Single(flat.Error.TrimEnd().Split('\n'), line => line.StartsWith("error:", StringComparison.Ordinal));

        ProcessOutcome predict = ProcessRunner.Unroll("predict", run.Model, folder.Write("few.csv", "month,passengers\n1961-01,5\n1961-02,6\n"));
        Assert.Equal(1, predict.ExitCode);
        Assert.Contains("few.csv: Series 'passengers': the forecaster reads the last ", predict.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--horizon is '0'; expected a whole number of at least 1.", "--horizon", "0")]
    [InlineData("--horizon is '2.5'; expected a whole number of at least 1.", "--horizon", "2.5")]
    [InlineData("--cell is 'cnn'; expected lstm, gru or rnn.", "--horizon", "3", "--cell", "cnn")]
    [InlineData("--missing is 'guess'; expected refuse, previous, linear or zero.", "--horizon", "3", "--missing", "guess")]
    [InlineData("--test is '1.5'; expected a number of rows, or a share of at least 0 and below 1.", "--horizon", "3", "--test", "1.5")]
    [InlineData("Option '--horizon' is required.")]
    [InlineData("'b' is one argument too many. Names in a list are separated by commas without blanks; a name with blanks stands in quotes.", "--horizon", "3", "--covariates", "a", "b")]
    [InlineData("no option '--epoch'. Did you mean '--epochs'?", "--horizon", "3", "--epoch", "5")]
    public void A_wrong_option_is_wrong_usage(string expected, params string[] options)
    {
        ProcessOutcome outcome = ProcessRunner.Unroll(["train", "forecast", run.Csv, "--target", "passengers", .. options]);
        Assert.Equal(new ProcessOutcome(2, "", $"error: {expected}\nRun 'unroll train forecast --help' for what can be given.\n"), outcome);
    }

    [Fact]
    public void An_argument_left_out_is_named()
    {
        Assert.Equal(new ProcessOutcome(2, "", "error: FILE is missing.\nRun 'unroll predict --help' for what can be given.\n"), ProcessRunner.Unroll("predict", run.Model));
        Assert.Equal(new ProcessOutcome(2, "", "error: MODEL is missing.\nerror: FILE is missing.\nRun 'unroll evaluate --help' for what can be given.\n"), ProcessRunner.Unroll("evaluate"));
    }

    [Fact]
    public void Dates_are_refused_as_a_covariate()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("train", "forecast", run.Csv, "--target", "passengers", "--horizon", "3", "--covariates", "month");
        Assert.Equal(new ProcessOutcome(1, "", $"error: {run.Csv}, column 'month': expected numbers or labels in a covariate, found dates ('1949-01'). "
            + "Name it as the date column instead; waves of the calendar are made from it.\n"), outcome);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("train", "forecast", "nowhere.csv", "--target", "y", "--horizon", "2");
        Assert.Equal(new ProcessOutcome(1, "", "error: nowhere.csv: no such file. Check the path; relative paths start at the current folder.\n"), outcome);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_training()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "x"), below = Path.Combine(file, "run");
        string expected = $"error: {below}: expected a folder that can be written, but '{file}' is a file. Choose another with --out.\n";
        ProcessOutcome train = ProcessRunner.Unroll("train", "forecast", run.Csv, "--target", "passengers", "--horizon", "6", "--out", below);
        Assert.Equal(new ProcessOutcome(1, "", expected), train);
        ProcessOutcome demo = ProcessRunner.Unroll("demo", "--out", file);
        Assert.Equal(1, demo.ExitCode);
        Assert.Contains($"'{file}' is a file", demo.Error, StringComparison.Ordinal);
        ProcessOutcome predict = ProcessRunner.Unroll("predict", run.Model, run.Csv, "--out", Path.Combine(below, "forecast.csv"));
        Assert.Equal(1, predict.ExitCode);
        Assert.Contains("could not be written: the folder", predict.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("predict")]
    [InlineData("evaluate")]
    public void A_truncated_foreign_or_missing_model_is_named(string verb)
    {
        using var folder = new TemporaryFolder();
        string[] data = verb == "inspect" ? [] : [run.Csv];
        byte[] whole = File.ReadAllBytes(run.Model);
        string cut = folder["cut.safetensors"], text = folder.Write("text.safetensors", "This is a letter, not a model."), foreign = folder["foreign.safetensors"];
        File.WriteAllBytes(cut, whole[..^100]);
        string beginning = folder["beginning.safetensors"];
        File.WriteAllBytes(beginning, whole[..1000]);
        byte[] header = System.Text.Encoding.UTF8.GetBytes("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        File.WriteAllBytes(foreign, [.. BitConverter.GetBytes((ulong)header.Length), .. header, .. new byte[8]]);

        ProcessOutcome Run(string model) => ProcessRunner.Unroll([verb, model, .. data]);
        foreach ((string model, string expected) in new[] { (cut, "but the file has "), (beginning, "cut short"), (text, "not a safetensors file"), (folder["none"], "there is no such file") })
        {
            ProcessOutcome outcome = Run(model);
            Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
            Assert.StartsWith($"error: '{model}'", outcome.Error, StringComparison.Ordinal);
            Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.TrimEnd().Split('\n'));
        }
        ProcessOutcome other = Run(foreign);
        if (verb == "inspect") Assert.StartsWith("Not a model of this program: tensors and metadata alone.", other.Output, StringComparison.Ordinal);
        else Assert.StartsWith($"error: '{foreign}': expected a model of this library", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_other_than_trained_with_are_explained()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("other.csv", "month,people\n1961-01,5\n1961-02,6\n");
        ProcessOutcome outcome = ProcessRunner.Unroll("predict", run.Model, path);
        Assert.Equal(new ProcessOutcome(1, "", $"error: {path}: expected the columns that the model {run.Model} was trained with, 'passengers', 'month'; found 'month', 'people', without 'passengers'. "
            + "Rename or add the column, or train anew on this file.\n"), outcome);
    }

    [Fact]
    public void Resuming_with_other_settings_names_the_first_that_differs()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("train", "forecast", run.Csv, "--target", "passengers", "--horizon", "6", "--test", "24",
            "--cell", "gru", "--units", "9", "--epochs", "3", "--seed", "5", "--out", run.Folder, "--resume");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("'options.units' was 8 and is 9 now. Resume with the settings and the data of the run's beginning, or train without --resume.", outcome.Error, StringComparison.Ordinal);
    }
}
