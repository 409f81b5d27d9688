namespace Vms.Control.Devices.Http;

/// <summary>Why a device did not do what it was asked for.</summary>
internal enum DeviceFailure
{
    /// <summary>No connection, or no answer in time.</summary>
    Unreachable,

    /// <summary>The device refused user and password, or the user may not do this. Asking again can lock the account.</summary>
    BadCredentials,

    /// <summary>The device offers only Basic without TLS, which shows the password to everybody on the way, and nobody has allowed it.</summary>
    BasicInClear,

    /// <summary>The device does not know this function.</summary>
    NotSupported,

    /// <summary>What came back is not what this function answers.</summary>
    BadAnswer,
}

/// <summary>A device did not do what it was asked for.</summary>
/// <param name="failure">Which of the cases an operator can tell apart.</param>
/// <param name="message">For operator and log: names the device and what was wrong. Never holds a password.</param>
internal sealed class DeviceException(DeviceFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    public DeviceFailure Failure { get; } = failure;
}
