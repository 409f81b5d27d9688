namespace Vms.Ai.Models;

/// <summary>A model cannot be used; the message says which and why. The analysis of motion goes on.</summary>
internal sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It ended the process too often.</summary>
    internal bool IsLeftOut { get; init; }
}
