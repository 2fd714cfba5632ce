import { useState } from 'preact/hooks';
import { useText } from '../language';
import type { CloudFileInfo } from '../local-wechat/api';
import { strings } from '../strings';

interface FilesProps {
  readonly files: readonly CloudFileInfo[];
  readonly onUpload: (file: File) => Promise<string | undefined>;
  /** Puts a file in the event; absent where the event takes none. */
  readonly onUse: ((fileID: string) => void) | undefined;
}

/** Cloud storage: choose a file or upload one, and put its id in the event. */
export function Files({ files, onUpload, onUse }: FilesProps) {
  const t = useText();
  const [chosen, setChosen] = useState<string>();
  const fileID = files.some((file) => file.fileID === chosen) ? chosen : files[0]?.fileID;
  const upload = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    // Emptied, so that the same file can be uploaded again.
    if (file !== undefined) setChosen(await onUpload(file));
    input.value = '';
  };
  return (
    <div class="files">
      <label class="field">
        <span>{t(strings.file)}</span>
        <select value={fileID ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>
          {files.length === 0 && <option value="">{t(strings.noFile)}</option>}
          {files.map((file) => (
            <option value={file.fileID} key={file.fileID} title={file.fileID}>
              {file.path}
            </option>
          ))}
        </select>
      </label>
      <label class="button upload">
        {t(strings.upload)}
        <input type="file" onChange={(event) => void upload(event.currentTarget)} />
      </label>
      <button
        type="button"
        disabled={fileID === undefined || onUse === undefined}
        title={onUse === undefined ? t(strings.useFileNot) : fileID}
        onClick={() => fileID !== undefined && onUse?.(fileID)}
      >
        {t(strings.useFile)}
      </button>
    </div>
  );
}
