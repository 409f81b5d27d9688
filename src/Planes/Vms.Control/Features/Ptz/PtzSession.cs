using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Control.Reconciliation;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>
/// Everything that moves one camera goes through here: one order after the other, moves at most ten times a second, and a stop when whoever moves it says
/// nothing more, whatever has become of him. Connected while it is used. Any thread.
/// </summary>
internal sealed partial class PtzSession(string cameraId, CameraDevices devices, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    /// <summary>A move that nobody confirms is ended.</summary>
    public static readonly TimeSpan DeadMan = TimeSpan.FromSeconds(1.5);

    /// <summary>Told to the device with each move: it stops by itself when we cannot tell it any more. Longer than ours, so that ours counts.</summary>
    private static readonly TimeSpan s_deviceDeadMan = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_betweenMoves = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_betweenStops = TimeSpan.FromMilliseconds(500);
    private const int StopTries = 5;

    private readonly Lock _gate = new();
    private readonly PtzQueue _queue = new();       // under the gate, as is all down to the blank line
    private readonly ChangeSignal _changed = new();
    private PtzHolder? _holder;
    private long _lastCommand;
    private ITimer? _deadMan;
    private Task<PtzReading>? _reading;
    private bool _wantsMove;
    private bool _isWorking;
    private bool _isClosed;

    private PtzMotor? _motor;                       // of the loop
    private long _lastMove;
    private volatile bool _isMoving;

    /// <summary>A move goes on, as far as is known here.</summary>
    public bool IsMoving => _isMoving;

    /// <summary>Null: nobody has it now.</summary>
    public PtzHolder? Holder
    {
        get
        {
            lock (_gate)
                return _holder is { } holder && time.GetElapsedTime(_lastCommand) <= PtzHolder.Grace ? holder : null;
        }
    }

    /// <summary>Lets somebody have the camera, unless somebody else moved it just now.</summary>
    /// <returns>Who has it otherwise; and whether it is seized, not kept.</returns>
    public (PtzHolder? Other, bool Seized) TryTake(Guid accountId, string name)
    {
        lock (_gate)
        {
            var since = time.GetElapsedTime(_lastCommand);
            bool isOwn = _holder?.AccountId == accountId;
            if (_holder is not null && !isOwn && since <= PtzHolder.Grace)
                return (_holder, false);
            bool seized = !isOwn || since > PtzHolder.Sitting;
            _holder = new PtzHolder(accountId, name, time.GetUtcNow());
            _lastCommand = time.GetTimestamp();
            return (null, seized);
        }
    }

    /// <summary>What was seized is let go: it could not be noted.</summary>
    public void LetGo(Guid accountId)
    {
        lock (_gate)
        {
            if (_holder?.AccountId == accountId)
                _holder = null;
        }
    }

    /// <summary>Moves until <see cref="StopAsync"/>, or until nothing more is said for <see cref="DeadMan"/>. Speeds of −1..1; none at all is a stop.</summary>
    public Task<DeviceFault?> MoveAsync(double pan, double tilt, double zoom)
    {
        if (pan == 0 && tilt == 0 && zoom == 0)
            return StopAsync();

        lock (_gate)
        {
            if (_isClosed)
                return Busy();
            _wantsMove = true;
            _deadMan ??= time.CreateTimer(_ => OnDeadMan(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _deadMan.Change(DeadMan, Timeout.InfiniteTimeSpan);
            return Enqueue(PtzKind.Move, (motor, cancellationToken) => DriveAsync(motor, pan, tilt, zoom, cancellationToken));
        }
    }

    public Task<DeviceFault?> StopAsync()
    {
        lock (_gate)
        {
            _wantsMove = false;
            _deadMan?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return Enqueue(PtzKind.Stop, HaltAsync);
        }
    }

    /// <param name="act">Called when it is its turn; not at all where the camera cannot be reached.</param>
    public Task<DeviceFault?> DoAsync(Func<PtzMotor, CancellationToken, Task<DeviceFault?>> act) => DoAsync(PtzKind.Other, act);

    /// <summary>The same for a question, which a stop passes.</summary>
    public Task<DeviceFault?> AskAsync(Func<PtzMotor, CancellationToken, Task<DeviceFault?>> act) => DoAsync(PtzKind.Read, act);

    /// <summary>Where it looks. Several who ask at a time share one answer.</summary>
    public Task<PtzReading> ReadAsync()
    {
        lock (_gate)
            return _reading is { IsCompleted: false } asked ? asked : _reading = ReadOnceAsync();
    }

    /// <summary>Ends a move that goes on, and takes no orders any more.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_wantsMove && !_isMoving)
                return Task.CompletedTask;
        }

        return StopAsync();
    }

    private Task<DeviceFault?> DoAsync(PtzKind kind, Func<PtzMotor, CancellationToken, Task<DeviceFault?>> act)
    {
        lock (_gate)
            return _isClosed ? Busy() : Enqueue(kind, act);
    }

    private static Task<DeviceFault?> Busy() => Task.FromResult<DeviceFault?>(new(DeviceTrouble.Busy, "So many orders wait for this camera already; try again in a moment."));

    private void OnDeadMan()
    {
        lock (_gate)
        {
            if (!_wantsMove)
                return;
            Log.NobodyThere(logger, cameraId);
            _ = StopAsync();
        }
    }

    /// <summary>Under the gate.</summary>
    private Task<DeviceFault?> Enqueue(PtzKind kind, Func<PtzMotor, CancellationToken, Task<DeviceFault?>> act)
    {
        if (_queue.Add(kind, act) is not { } done)
            return Busy();
        _changed.Set();
        if (!_isWorking)
        {
            _isWorking = true;
            _ = Task.Run(WorkAsync, CancellationToken.None);
        }

        return done;
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                var changed = _changed.Next;
                PtzOrder? order;
                bool waits;
                var rest = s_betweenMoves - time.GetElapsedTime(_lastMove);
                lock (_gate)
                {
                    order = _queue.Take(moveMayGo: rest <= TimeSpan.Zero);
                    waits = !_queue.IsEmpty;
                }

                if (order is not null)
                {
                    await CarryOutAsync(order);
                    continue;
                }

                long since = time.GetTimestamp();
                await changed.WaitAsync(waits ? rest : s_idle, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if ((stopping.IsCancellationRequested || time.GetElapsedTime(since) >= s_idle) && EndsWork())
                    return;
            }
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, cameraId);
            Disconnect();
            lock (_gate)
                _isWorking = false;     // the next order begins anew
        }
    }

    private bool EndsWork()
    {
        Disconnect();
        lock (_gate)
        {
            _isWorking = !_queue.IsEmpty;
            return !_isWorking;
        }
    }

    /// <summary>Not within the request's own time: what was ordered is done, and above all a stop, when nobody waits for it any more.</summary>
    private async Task CarryOutAsync(PtzOrder order)
    {
        try
        {
            order.Done.TrySetResult(order.Kind == PtzKind.Stop ? await InsistAsync(order) : await TryAsync(order));
        }
        catch (Exception e)
        {
            order.Done.TrySetException(e);      // the database is away: whoever asked is told so
        }
    }

    /// <summary>A stop that did not arrive is sent again.</summary>
    private async Task<DeviceFault?> InsistAsync(PtzOrder stop)
    {
        for (int tries = 1; ; tries++)
        {
            DeviceFault? fault;
            try
            {
                fault = await TryAsync(stop);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                fault = new DeviceFault(DeviceTrouble.Unreachable, "The database is away, and with it the camera's address");
            }

            if (fault is null || !_isMoving)
                return fault;
            if (tries == StopTries || fault.Trouble is DeviceTrouble.NotSupported or DeviceTrouble.BadCredentials)
            {
                Log.NotStopped(logger, cameraId, fault.Detail);
                return fault;
            }

            await Task.Delay(s_betweenStops, time, CancellationToken.None);
        }
    }

    private async Task<DeviceFault?> TryAsync(PtzOrder order)
    {
        if (_motor is not null && !devices.IsCurrent(_motor.Link))
            Disconnect();
        if (_motor is null)
        {
            (_motor, var closed) = await PtzMotor.OpenAsync(devices, cameraId, s_answer, CancellationToken.None);
            if (_motor is null)
                return closed;
        }

        var fault = await order.Act(_motor, CancellationToken.None);
        // A device that was restarted has other addresses, perhaps.
        if (fault?.Trouble is DeviceTrouble.Unreachable or DeviceTrouble.BadCredentials)
            Disconnect();
        return fault;
    }

    private async Task<DeviceFault?> DriveAsync(PtzMotor motor, double pan, double tilt, double zoom, CancellationToken cancellationToken)
    {
        var spaces = motor.Node.Spaces;
        if (PtzMotor.Missing(spaces.ContinuousPanTilt, spaces.ContinuousZoom, pan, tilt, zoom) is { } missing)
            return missing;
        bool wasMoving = _isMoving;
        _isMoving = true;       // also when no answer comes: it may have begun
        var moved = await motor.Drive.MoveAsync(pan, tilt, zoom, s_deviceDeadMan, cancellationToken);
        _lastMove = time.GetTimestamp();
        if (await motor.Link.NoteAsync(moved.Failure, cancellationToken) is not { } failure)
            return null;
        var fault = DeviceFault.Of(failure);
        _isMoving = wasMoving || fault.Trouble == DeviceTrouble.Unreachable;
        return fault;
    }

    private async Task<DeviceFault?> HaltAsync(PtzMotor motor, CancellationToken cancellationToken)
    {
        var stopped = await motor.Drive.StopAsync(cancellationToken);
        if (await motor.Link.NoteAsync(stopped.Failure, cancellationToken) is { } failure)
            return DeviceFault.Of(failure);
        _isMoving = false;
        return null;
    }

    private async Task<PtzReading> ReadOnceAsync()
    {
        (PtzNode? Node, PtzStatus? Status) read = default;
        var fault = await AskAsync(async (motor, cancellationToken) =>
        {
            var told = await motor.Link.CallAsync(PtzStatus.Get(motor.Profile), cancellationToken);
            read = (motor.Node, told.Value?.In(motor.Node.Spaces));
            // Some move, and do not say where they are.
            return told.Failure is { } failure && DeviceFault.Of(failure) is { Trouble: DeviceTrouble.Unreachable or DeviceTrouble.BadCredentials } trouble ? trouble : null;
        });
        return new PtzReading(read.Node, read.Status, fault);
    }

    private void Disconnect()
    {
        _motor?.Dispose();
        _motor = null;
    }

    private static partial class Log
    {
        [LoggerMessage(1402, LogLevel.Information, "Camera {CameraId}: whoever moved it says nothing more, it is stopped")]
        public static partial void NobodyThere(ILogger logger, string cameraId);

        [LoggerMessage(1403, LogLevel.Error, "Camera {CameraId} could not be stopped ({Reason}): it may go on moving until its own time is over, or to its end")]
        public static partial void NotStopped(ILogger logger, string cameraId, string reason);

        [LoggerMessage(1404, LogLevel.Error, "Camera {CameraId}: an order to move it could not be carried out")]
        public static partial void Failed(ILogger logger, Exception exception, string cameraId);
    }
}
