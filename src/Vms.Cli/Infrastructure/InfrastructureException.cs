namespace Vms.Cli.Infrastructure;

/// <summary>The installation cannot start; the message says what is missing and what to do.</summary>
internal sealed class InfrastructureException(string message) : Exception(message);
