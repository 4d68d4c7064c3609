namespace Unroll.Autograd;

/// <summary>
/// One recorded operation: what its backward pass needs. Nodes are recycled by the tape, so a step of training
/// allocates none; <see cref="Clear"/> drops the references.
/// </summary>
internal abstract class Node
{
    /// <summary>Adds this operation's part into the gradients of its inputs, from the gradient of its output.</summary>
    public abstract void Backward(Tape tape);

    /// <summary>Forgets inputs and outputs.</summary>
    public abstract void Clear();
}
