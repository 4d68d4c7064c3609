using Unroll.Autograd;
using Unroll.Data;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>Goes through examples once without training: dropout is off and nothing is recorded.</summary>
internal sealed class EvaluationLoop(BatchScore score, BatchReader reader, int[] examples, int batchSize)
{
    private readonly Tape _tape = new(recording: false);

    /// <summary>Resets the score and gathers it over all examples.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Run(CancellationToken cancellation)
    {
        score.Reset();
        var pass = new Pass(_tape);
        double penalty = Regularization.Of(score.Model.Parameters);
        for (int start = 0; start < examples.Length; start += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                BatchTensors batch = reader.Read(examples.AsSpan(start, Math.Min(batchSize, examples.Length - start)), _tape);
                score.Forward(batch, pass);
                score.Add(batch, pass);
                score.AddPenalty(penalty, score.BatchWeight);
            }
            finally
            {
                _tape.Reset();
            }
        }
    }
}
