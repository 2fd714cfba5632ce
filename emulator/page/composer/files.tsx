import { useState } from 'preact/hooks';
import { useText } from '../language';
import type { CloudFileInfo } from '../local-wechat/api';
import { Select } from '../select';
import { strings } from '../strings';

interface FilesProps {
  readonly files: readonly CloudFileInfo[];
  readonly onUpload: (file: File) => Promise<{ readonly fileID: string } | undefined>;
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
    if (file !== undefined) setChosen((await onUpload(file))?.fileID);
    input.value = '';
  };
  return (
    <div class="files">
      <label class="field">
        <span>{t(strings.file)}</span>
        <Select
          value={fileID ?? ''}
          options={
            files.length === 0
              ? [{ value: '', text: t(strings.noFile) }]
              : files.map(({ fileID: value, path }) => ({ value, text: path, title: value }))
          }
          onChange={setChosen}
        />
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
